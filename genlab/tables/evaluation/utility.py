"""Whether a synthetic table is of use to a learner: train on synthetic rows, test on real ones nobody learned from.

Two learners answer, since one may happen to miss what the table lost: boosted trees, and a logistic regression on bins.
Their mean area under the ROC curve is the score (Esteban et al., 2017, who trained on synthetic, tested on real); the
same from training rows stands beside it.
"""

import numpy as np

from genlab.tables.evaluation.fidelity import NONE, scored
from genlab.tables.evaluation.learners import MOST_ROWS, auc, features, linear, one_hot, one_thread, seed_of, trees

CLASSES = 5  # of the target, the commonest; the rest are one more class, which is learned but not scored
LEAST = 10  # rows that a class needs in train and holdout
FOLDS = 5


def classes(train, target):
    """What is to be told of each row: a map from the target's codes to classes, -1 for no answer, and in words.

    A number, date or ordered target becomes "above the median of the training rows" (at or above, where the median is
    the largest value); levels without order stay, the commonest few.

    Returns
    -------
    ndarray of int
        Class by code.
    list of str
        What each class is.
    """
    j = train.names.index(target)
    scale, share = train.scales[j], train.shares(j)
    atoms, place = len(scale.atoms), np.full(len(scale), -1)
    if scale.column.kind in ("number", "date", "ordinal"):
        run = np.cumsum(share[atoms:])
        if not len(run) or not run[-1] > 0:
            return place, []
        median = int(np.searchsorted(run, run[-1] / 2 * (1 - 1e-12)))
        last = int(np.flatnonzero(share[atoms:])[-1])
        place[atoms:] = np.arange(len(run)) >= (median if median == last else median + 1)
        sign = "at or above" if median == last else "above"
        return place, ["the rest", f"{sign} {scale.name(atoms + median)}"]
    place[scale.gaps :] = CLASSES
    order = scale.gaps + np.argsort(-share[scale.gaps :], kind="stable")
    order = [code for code in order if share[code] * len(train) >= LEAST][:CLASSES]
    place[order] = np.arange(len(order))
    return place, [scale.name(code) for code in order]


class Task:
    """One question to learn: the target of holdout rows, from their other columns.

    Parameters
    ----------
    train, holdout : Scaled
        The classes come from `train`, the tests from `holdout`.
    target : str
    rng : Generator

    Attributes
    ----------
    scored : list of int
        Classes with enough rows on both sides.
    words : list of str
        What each class is.
    """

    def __init__(self, train, holdout, target, rng):
        self.target, self.rng, self.seed = target, rng, seed_of(rng)
        self.class_of, self.words = classes(train, target)
        self.column = train.names.index(target)
        self.test = self._answered(holdout).few(MOST_ROWS, rng)
        counts = [np.bincount(self.truth(t) + 1, minlength=CLASSES + 3)[1:] for t in (train, self.test)]
        self.scored = [k for k in range(len(self.words)) if min(count[k] for count in counts) >= LEAST]
        self.scored = self.scored if len(self.scored) > 1 else []
        if len(self.words) == 2 and set(self.truth(self.test)) <= {0, 1}:
            self.scored = self.scored[1:]  # of two classes, the second's curve is the first's

    def truth(self, table):
        """The class of each row."""
        return self.class_of[table.codes[:, self.column]]

    def _answered(self, table):
        return table.take(np.flatnonzero(self.truth(table) >= 0))

    def learn(self, table, test=None):
        """Areas under the ROC curve after learning from `table`, and the test rows' parts in them.

        Returns
        -------
        ndarray, shape (2,)
            By learner: boosted trees, logistic regression. One against the rest, the mean over classes.
        ndarray, shape (2, test rows)
        """
        test = self.test if test is None else test
        table = self._answered(table).few(MOST_ROWS, self.rng)
        y, truth = self.truth(table), self.truth(test)
        areas, parts = np.zeros(2), np.zeros((2, len(test)))
        for i, guess in enumerate(self._guesses(table, y, test)):
            for k in self.scored:
                area, part = auc(truth == k, guess[:, k]) if 0 < (truth == k).sum() < len(truth) else (0.5, 0.0)
                areas[i] += area / len(self.scored)
                parts[i] += part / len(self.scored)
        return areas, parts

    def _guesses(self, table, y, test):
        """Probabilities of each class for the test rows, by learner; even where there is nothing to learn."""
        found = [np.zeros((len(test), CLASSES + 1)) for _ in range(2)]
        if len(np.unique(y)) < 2:
            return found
        (x, x_test), nominal = features([table, test], skip=[self.target])
        bins, bins_test = one_hot([table, test], skip=[self.target])
        with one_thread():
            learned = trees(x, y, x_test, nominal, self.seed), linear(bins, y, bins_test)
        for guess, (known, chances) in zip(found, learned, strict=True):
            guess[:, known] = chances
        return found

    def cross(self, table):
        """The same within real rows nobody learned from: five folds, each tested by the other four."""
        rows = self._answered(table).few(MOST_ROWS, self.rng)
        fold = self.rng.permutation(len(rows)) % FOLDS
        areas = [self.learn(rows.take(fold != k), rows.take(fold == k))[0] for k in range(FOLDS)]
        return np.mean(areas, axis=0)


def train_on(task, fake, real):
    """Train on synthetic rows, test on real ones: the area under the ROC curve, and its ratio to training on real.

    Parameters
    ----------
    task : Task
    fake : Scaled
    real : tuple
        What ``task.learn`` gives for the training rows.

    Returns
    -------
    area, ratio : Score
        Each the mean of the two learners, with its interval over test rows; NaN where the target has too few rows.
    """
    if not task.scored:
        return NONE, NONE
    (areas, parts), (best, best_parts) = task.learn(fake), real
    ratio = areas / best
    rows = ((parts - ratio[:, None] * best_parts) / best[:, None]).mean(axis=0)
    return scored(areas.mean(), parts.mean(axis=0)), scored(ratio.mean(), rows, (0, np.inf))
