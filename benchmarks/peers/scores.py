"""Scores of a synthetic table for the benchmark, apart from genlab's own evaluation, so that neither grades itself.

One encoding for every table: a number with more than 10 values in the training rows is a number, everything else is a
level, and a missing value is a level too. Synthetic rows are compared with real rows that nobody learned from (the
holdout); that scores a little below 1 even for real rows, so the row of a real sample is the one to compare with.
"""

import io
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

ROWS = 5000  # at most, a side, for the discriminator, and of synthetic rows for distances


class Table:
    """Rows as numbers: float columns with NaN, and codes of levels shared by all tables of one `encode`."""

    def __init__(self, values, levels):
        self.values = values  # (n, columns)
        self.levels = levels  # of each column, 0 for a number

    def __len__(self):
        return len(self.values)

    def few(self, seed):
        rows = np.random.default_rng(seed).permutation(len(self))[:ROWS]
        return self.values[rows]


def as_read(df):
    """`df` as it comes back from a CSV file, so that tables of all makers are alike."""
    return pd.read_csv(io.StringIO(df.to_csv(index=False)), low_memory=False)


def encode(train, *others):
    """Each frame as a Table; kinds of columns follow `train`."""
    frames, columns, levels = [train, *(other[list(train)] for other in others)], [], []
    for name in train:
        if train[name].dtype.kind in "if" and train[name].nunique() > 10:
            columns.append([pd.to_numeric(frame[name], errors="coerce").to_numpy(float) for frame in frames])
            levels.append(0)
        else:
            codes, known = pd.factorize(pd.concat([_text(frame[name]) for frame in frames]), sort=True)
            columns.append(np.split(codes.astype(float), np.cumsum([len(frame) for frame in frames])[:-1]))
            levels.append(len(known))
    return [Table(np.column_stack(parts), levels) for parts in zip(*columns, strict=True)]


def _text(column):
    """Levels as text, 1 and 1.0 alike, missing as a text of its own."""
    text = column.map("{:g}".format) if column.dtype.kind in "if" else column.astype(str)
    return text.where(column.notna(), "<missing>").astype(object)


def shapes(real, fake):
    """Mean over columns of 1 - KS (numbers, missing left out) or 1 - total variation (levels)."""
    found = []
    for j, levels in enumerate(real.levels):
        a, b = real.values[:, j], fake.values[:, j]
        if levels:
            found.append(1 - _variation(a.astype(int), b.astype(int)))
        else:
            a, b = a[~np.isnan(a)], b[~np.isnan(b)]
            found.append(1 - ks_2samp(a, b).statistic if len(b) else 0.0)
    return np.mean(found)


def pairs(real, fake):
    """Mean over all pairs of columns of 1 - total variation; numbers in tenths of the real ones."""
    codes = [[], []]
    for j, levels in enumerate(real.levels):
        a, b = real.values[:, j], fake.values[:, j]
        if not levels:
            edges = np.unique(np.quantile(a[~np.isnan(a)], np.linspace(0, 1, 11)))[1:-1]
            a, b = (np.where(np.isnan(x), 11, np.searchsorted(edges, x, side="right")) for x in (a, b))
        codes[0].append(a.astype(int))
        codes[1].append(b.astype(int))
    size = 1 + max(int(column.max()) for side in codes for column in side)
    return np.mean(
        [
            1 - _variation(*(side[i] * size + side[j] for side in codes))
            for i, j in combinations(range(len(real.levels)), 2)
        ]
    )


def _variation(a, b):
    """Total variation distance between two sets of codes."""
    size = 1 + max(a.max(), b.max())
    return np.abs(np.bincount(a, minlength=size) / len(a) - np.bincount(b, minlength=size) / len(b)).sum() / 2


def discriminator(real, fake, seed):
    """ROC AUC, by 5 folds, of boosted trees that are to tell real rows from synthetic ones; 0.5 when they cannot."""
    a, b = real.few(seed), fake.few(seed)
    n = min(len(a), len(b))
    x, y = np.vstack([a[:n], b[:n]]), np.repeat([0, 1], n)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    chance = cross_val_predict(_trees(real.levels, seed), x, y, cv=folds, method="predict_proba")[:, 1]
    return roc_auc_score(y, chance)


def _trees(levels, seed):
    return HistGradientBoostingClassifier(categorical_features=[0 < n < 250 for n in levels], random_state=seed)


def utility(train, holdout, fake, target, seed):
    """ROC AUC on the holdout of boosted trees fitted on synthetic rows, over that of trees fitted on training rows.

    They predict whether a number is above the training rows' median, or whether a level is their commonest one; rows
    without an answer are left out by the caller.
    """
    rest = [j for j in range(len(train.levels)) if j != target]
    if train.levels[target]:
        top = np.bincount(train.values[:, target].astype(int)).argmax()
        right = lambda table: table.values[:, target] == top
    else:
        middle = np.median(train.values[:, target])
        right = lambda table: table.values[:, target] > middle
    found = []
    for table in (fake, train):
        y = right(table)
        if y.all() or not y.any():
            found.append(0.5)
            continue
        model = _trees([train.levels[j] for j in rest], seed).fit(table.values[:, rest], y)
        found.append(roc_auc_score(right(holdout), model.predict_proba(holdout.values[:, rest])[:, 1]))
    return found[0] / found[1]


def leaks(train, holdout, fake, seed):
    """Share of synthetic rows nearer to a training than to a holdout row (ties half), and shares equal to one of each."""
    n = min(len(train), len(holdout))
    sides = [train.values[:n], holdout.values[:n]]
    rows = fake.few(seed)
    a, b = (_nearest(_place(rows, train), _place(side, train)) for side in sides)
    equal = [set(map(bytes, np.nan_to_num(side, nan=-1e9))) for side in sides]
    copies = [np.mean([bytes(row) in known for row in np.nan_to_num(rows, nan=-1e9)]) for known in equal]
    return np.where(np.abs(a - b) < 1e-9, 0.5, a < b).mean(), *copies


def _place(values, train):
    """Rows as points: numbers as ranks in the training rows, missing in a column of its own, levels one-hot."""
    parts = []
    for j, levels in enumerate(train.levels):
        x = values[:, j]
        if levels:
            parts.append((x[:, None] == np.arange(levels)) * np.sqrt(0.5))  # two levels are 1 apart
        else:
            known = np.sort(train.values[~np.isnan(train.values[:, j]), j])
            rank = (np.searchsorted(known, x, "left") + np.searchsorted(known, x, "right")) / (2 * len(known))
            parts += [np.where(np.isnan(x), 0.5, rank)[:, None], np.isnan(x)[:, None]]
    return np.hstack(parts)


def _nearest(a, b, chunk=500):
    """Squared distance of each row of a to the nearest of b."""
    length = (b**2).sum(1)
    return np.concatenate(
        [(length - 2 * q @ b.T).min(1) + (q**2).sum(1) for q in (a[i : i + chunk] for i in range(0, len(a), chunk))]
    )


def score(train, holdout, fake, target, seed):
    """All scores of `fake`, by name."""
    train, holdout, fake = (as_read(frame) for frame in (train, holdout, fake))
    tables = encode(train, holdout, fake)
    answered = encode(*(frame.dropna(subset=target) for frame in (train, holdout, fake)))
    share, copies, chance = leaks(*tables, seed)
    found = {
        "shapes": shapes(*tables[1:]),
        "pairs": pairs(*tables[1:]),
        "discriminator": discriminator(*tables[1:], seed),
        "utility": utility(*answered, list(train).index(target), seed),
        "share": share,
        "copies": copies,
        "copies of holdout": chance,
    }
    return {name: round(float(value), 4) for name, value in found.items()}
