"""Questions that a report puts to real and to synthetic rows by itself: cross-tables of the target and a regression.

They stand for what an analyst is likely to ask of the target; for any other question there is
:func:`genlab.tables.evaluation.analyses.same_answer`. Estimates come with their variances, so nothing is resampled.
"""

import numpy as np
import pandas as pd

from genlab.tables.evaluation.analyses import beside
from genlab.tables.evaluation.fidelity import NONE, Score, Z
from genlab.tables.evaluation.utility import classes

BESIDE = 3  # columns that the target is crossed with
REGRESSORS = 5
LEAST = 10  # training rows in a cell that is asked about
COMMON = 0.02  # share of the training rows that a level has which gets a coefficient
GAPS = 0.3  # a column with more gaps is no regressor
RESAMPLES = 30
STEPS = 25  # of Newton's method, at most


class Questions:
    """What to ask, settled on the training rows alone.

    Parameters
    ----------
    train : Scaled
    target : str or int

    Attributes
    ----------
    nearest : list of int
        The other columns, the most telling of the target first.
    """

    def __init__(self, train, target):
        self.train, self.j = train, train.names.index(target)
        self.class_of, self.words = classes(train, target)
        self.target = train.scales[self.j]
        told = [
            (information(train.bins[:, self.j], train.bins[:, k]), -k) for k in range(len(train.scales)) if k != self.j
        ]
        self.nearest = [-k for _, k in sorted(told, reverse=True)]
        self.crossed = self.nearest[:BESIDE] if len(self.words) > 1 else []
        terms = [term for k in self.nearest[:REGRESSORS] for term in self._terms(k)]
        self.terms = terms if len(self.words) > 1 else []
        self._real = None

    def ask(self, table):
        """The answers of one table: a DataFrame of question, estimate and variance by label."""
        parts = [self._cross(table, k) for k in self.crossed] + ([self._regression(table)] if self.terms else [])
        return pd.concat(parts) if parts else pd.DataFrame(columns=["question", "estimate", "variance"], dtype=float)

    def overlap(self, table):
        """How far the 95 % intervals of a table's answers and of the training rows' overlap: the mean over questions."""
        real = self.ask(self.train) if self._real is None else self._real
        self._real = real
        overlaps = beside({"real": real, "fake": self.ask(table)})["overlap"]
        return float(overlaps.groupby(real["question"]).mean().mean())

    # -- a cross-table -------------------------------------------------------------------------------------------------

    def _cross(self, table, k):
        """Percent of each class of the target within each bin of column k."""
        scale, last = self.train.scales[k], len(self.words) - 1
        asked = range(1, 2) if last == 1 else range(len(self.words))
        rows = []
        counts, real = self._counts(table, k), self._counts(self.train, k)
        within, enough = counts.sum(axis=1), np.flatnonzero(real.sum(axis=1) >= LEAST)
        for bin_ in enough:
            for c in asked:
                n, x = within[bin_], counts[bin_, c]
                share, adjusted = x / n if n else np.nan, (x + 2) / (n + 4)  # two of each added: never a variance of 0
                label = f"% {self.target.column.name}: {self.words[c]} | {scale.column.name}: {scale.bins[bin_]}"
                variance = 1e4 * adjusted * (1 - adjusted) / (n + 4)
                rows.append((label, f"cross-table with {scale.column.name}", 100 * share, variance))
        return pd.DataFrame(rows, columns=["label", "question", "estimate", "variance"]).set_index("label")

    def _counts(self, table, k):
        """Rows by bin of column k and class of the target, those without an answer left out."""
        truth = self.class_of[table.codes[:, self.j]]
        wide = max(int(self.class_of.max()) + 1, len(self.words))
        cells = (table.bins[:, k].astype(np.int64) * wide + truth)[truth >= 0]
        return np.bincount(cells, minlength=len(self.train.scales[k].bins) * wide).reshape(-1, wide)

    # -- a regression --------------------------------------------------------------------------------------------------

    def _terms(self, k):
        """Column k as terms of a regression: (column, bin or None for the standardized value, label)."""
        scale, share = self.train.scales[k], self.train.shares(k)
        if share[: scale.gaps].sum() > GAPS:
            return []
        if scale.column.kind in ("number", "date", "ordinal"):
            values, weights = scale.values, share[len(scale.atoms) :]
            varies = len(values) and weights.sum() > 0 and np.ptp(values[weights > 0]) > 0
            return [(k, None, f"{scale.column.name} (one standard deviation more)")] if varies else []
        by_bin = np.bincount(self.train.bins[:, k], minlength=len(scale.bins)) / len(self.train)
        by_bin[: scale.gaps] = 0
        by_bin[scale.bins.index("other levels", scale.gaps) :] = 0
        common = np.flatnonzero(by_bin >= COMMON)
        return [(k, b, f"{scale.column.name}: {scale.bins[b]}") for b in common if b != by_bin.argmax()]

    def _standard(self, k):
        """The value of each code of an ordered column in training standard deviations from the mean; NaN for atoms."""
        scale, weights = self.train.scales[k], self.train.shares(k)[len(self.train.scales[k].atoms) :]
        mean = np.average(scale.values, weights=weights)
        spread = np.sqrt(np.average((scale.values - mean) ** 2, weights=weights))
        return np.concatenate([np.full(len(scale.atoms), np.nan), (scale.values - mean) / (spread or 1.0)])

    def _regression(self, table):
        """Coefficients of a linear (ordered target) or logistic regression of the target, rows with gaps left out."""
        x = [np.ones(len(table))]
        full = np.ones(len(table), dtype=bool)
        for k, b, _ in self.terms:
            x.append(self._standard(k)[table.codes[:, k]] if b is None else (table.bins[:, k] == b) * 1.0)
            full &= table.codes[:, k] >= self.train.scales[k].gaps
        linear = self.target.column.kind in ("number", "date", "ordinal")
        truth = self.class_of[table.codes[:, self.j]]
        one = 1 if len(self.words) == 2 else 0
        y = self._standard(self.j)[table.codes[:, self.j]] if linear else np.where(truth < 0, np.nan, truth == one)
        x = np.column_stack(x)
        full &= np.isfinite(y) & np.isfinite(x).all(axis=1)
        enough = full.sum() > x.shape[1]
        none = np.full(x.shape[1], np.nan)
        b, v = (least_squares if linear else logistic)(x[full], y[full]) if enough else (none, none)
        labels = [
            f"{label} -> {self.target.column.name}{'' if linear else f': {self.words[one]}'}"
            for *_, label in self.terms
        ]
        columns = {
            "question": "linear regression" if linear else "logistic regression",
            "estimate": b[1:],
            "variance": v[1:],
        }
        return pd.DataFrame(columns, index=pd.Index(labels, name="label"))


def least_squares(x, y):
    """Coefficients and their variances, good for unequal spread as well (White, 1980); first column: the constant."""
    inverse = np.linalg.inv(x.T @ x + _ridge(x))
    b = inverse @ (x.T @ y)
    return b, np.diag(inverse @ _meat(x, y - x @ b) @ inverse)


def logistic(x, y):
    """Coefficients of a logistic regression and their variances; held back a little, so that separation ends too."""
    b, ridge = np.zeros(x.shape[1]), _ridge(x)
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ b, -30, 30)))
        inverse = np.linalg.inv((x * (p * (1 - p))[:, None]).T @ x + ridge)
        step = inverse @ (x.T @ (y - p) - ridge @ b)
        b = b + step * min(1.0, 5 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return b, np.diag(inverse @ (_meat(x, y - p) + ridge) @ inverse)


def _ridge(x):
    """As if half a row had said that each coefficient is 0; hardly anything on the constant."""
    return np.diag(np.r_[1e-6, np.full(x.shape[1] - 1, 0.5)])


def _meat(x, residual):
    weighted = x * residual[:, None]
    return weighted.T @ weighted


def information(a, b):
    """Mutual information of two columns of codes in nats, less what chance alone gives (Miller, 1955)."""
    wide = int(b.max(initial=0)) + 1
    joint = np.bincount(a.astype(np.int64) * wide + b, minlength=(int(a.max(initial=0)) + 1) * wide).reshape(-1, wide)
    p = joint / max(joint.sum(), 1)
    rows, columns = p.sum(axis=1, keepdims=True), p.sum(axis=0, keepdims=True)
    full = p > 0
    chance = ((rows > 0).sum() - 1) * ((columns > 0).sum() - 1) / (2 * max(len(a), 1))
    return float(
        (p[full] * np.log(p[full] / (rows @ np.ones_like(columns))[full] / (np.ones_like(rows) @ columns)[full])).sum()
        - chance
    )


def same_answers(questions, tables, rng):
    """The answers of several tables beside those of the training rows.

    Parameters
    ----------
    questions : Questions
    tables : dict of str to Scaled
        "real", "fake" and maybe others.
    rng : Generator

    Returns
    -------
    Score
        :meth:`Questions.overlap` of "fake"; the interval comes from resampling its rows.
    DataFrame
        As :func:`genlab.tables.evaluation.analyses.beside` gives it, with each answer's question.
    """
    found = {name: questions.ask(table) for name, table in tables.items()}
    if not len(found["real"]):
        return NONE, pd.DataFrame()
    answers, fake = beside(found), tables["fake"]
    answers.insert(0, "question", found["real"]["question"])
    again = [questions.overlap(fake.take(rng.integers(len(fake), size=len(fake)))) for _ in range(RESAMPLES)]
    value, half = questions.overlap(fake), float(Z * np.std(again, ddof=1))
    return Score(value, max(value - half, 0.0), min(value + half, 1.0)), answers
