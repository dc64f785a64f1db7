"""What learns from a table with added rows: boosted trees or a logistic regression, with knobs that real rows choose.

Every arm has the same choice, and the same real rows to choose by, which no arm learned from. There are more of them than
somebody with few rows would have: an arm is shown at its best, the one without added rows too.
"""

import dataclasses

import numpy as np

from genlab.tables.evaluation.learners import features, one_hot, one_thread
from genlab.tables.evaluation.scales import on_common_scales

LINEAR = (0.001, 0.01, 0.1, 1.0)  # C
TREES = (5, 20, 60)  # least rows in a leaf


@dataclasses.dataclass(frozen=True)
class Known:
    """Rows to learn from, to check with and to test with, as a learner takes them: three of each.

    Attributes
    ----------
    x : list of ndarray
        For trees; `nominal` says which columns are categories.
    bins : list of sparse matrices
        For the logistic regression.
    y : list of ndarray of str
    """

    x: list
    bins: list
    y: list
    nominal: np.ndarray


def known(types, target, learn, check, test):
    """The tables as numbers, on scales of their own union."""
    frames = [learn, check, test]
    tables = on_common_scales(types, learn, check=check, test=test)
    tables = [tables["train"], tables["check"], tables["test"]]
    x, nominal = features(tables, skip=[target])
    empty = np.isnan(x[0]).all(axis=0)  # a column of which nothing is known teaches nothing
    x = [np.where(empty, 0.0, one) for one in x]
    y = [frame[target].astype(str).to_numpy() for frame in frames]
    return Known(x, one_hot(tables, skip=[target]), y, nominal)


def fitted(k, seed, weights=None):
    """Yield for each learner and knob what it says of the rows to check and to test with: classes, and two arrays of chances."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    with one_thread():
        for c in LINEAR:
            model = LogisticRegression(C=c, tol=1e-3, max_iter=1000).fit(k.bins[0], k.y[0], weights)
            yield model.classes_, *map(model.predict_proba, k.bins[1:])
        for leaf in TREES:
            model = HistGradientBoostingClassifier(
                max_iter=60,
                learning_rate=0.05,
                min_samples_leaf=leaf,
                categorical_features=k.nominal,
                early_stopping=False,
                random_state=seed,
            ).fit(k.x[0], k.y[0], weights)
            yield model.classes_, *map(model.predict_proba, k.x[1:])


def right(k, seed):
    """Share of the test rows of which that learner is right which is right most often of the rows to check with."""
    if len(np.unique(k.y[0])) < 2:
        return float(np.mean(k.y[2] == k.y[0][0]))
    best = (-1.0, 0.0)
    for classes, *chances in fitted(k, seed):
        told = [float(np.mean(classes[p.argmax(1)] == y)) for p, y in zip(chances, k.y[1:], strict=True)]
        best = max(best, tuple(told), key=lambda pair: pair[0])
    return best[1]
