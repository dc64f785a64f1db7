"""How like the training rows a synthetic table is: shapes, pairs, missingness, rare levels, coverage, a discriminator.

All distances are of one kind: the largest difference in probability that any event of a stated family has in the two
tables. For levels without order the family is every set of levels (total variation); for ordered values every "up to
x", or "above x" (Kolmogorov and Smirnov); for a column with both, the two joined. So a score is the mean of something
that each synthetic row does, and its standard error is that of a mean, with no resampling: resampling a distance would
only add to it.

A high score alone shows little: shuffled columns have perfect shapes, and a copy of the training rows is perfect
throughout. The discriminator is the classifier two-sample test of Lopez-Paz and Oquab (2017).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from genlab.tables.evaluation.learners import MOST_ROWS, auc, features, one_thread, seed_of, trees

Z = 1.959964  # of a 95 % interval
RARE = 0.05  # a level is rare below this share of the training rows,
EXPECTED = 10  # and is scored where as many rows of it are to be expected
FOLDS = 5


class Score(NamedTuple):
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


NONE = Score(np.nan, np.nan, np.nan)


def scored(value, rows, bounds=(0, 1)):
    """A Score from what each row contributes to it: the error is that of a mean of `rows`."""
    half = Z * np.std(rows) / np.sqrt(len(rows))
    return Score(float(value), float(max(value - half, bounds[0])), float(min(value + half, bounds[1])))


# -- one distance for all kinds of columns ----------------------------------------------------------------------------


def distance(real, fake, atoms):
    """The largest difference in probability of any event, and that event.

    An event is "up to x", or "above x", joined with any of the atoms.

    Parameters
    ----------
    real, fake : ndarray
        Probability of each code: `atoms` codes without order, then the ordered ones.
    atoms : int

    Returns
    -------
    float
        0 where the two are the same, 1 where they have nothing in common.
    ndarray of bool
        The codes of the event; the real table has more of it, by that difference.
    """
    more = real - fake
    free, run = more[:atoms], np.concatenate([[0.0], np.cumsum(more[atoms:])])
    up, down = run.max() + free[free > 0].sum(), -run.min() - free[free < 0].sum()
    ranks = np.arange(len(more) - atoms)
    if up >= down:
        return up, np.concatenate([free > 0, ranks < run.argmax()])
    return down, np.concatenate([free >= 0, ranks >= run.argmin()])


def shapes(train, fake):
    """Column shapes: 1 - :func:`distance` of each column.

    A column's missing cells and declared codes are atoms, so that missingness lost counts like any other difference.

    Parameters
    ----------
    train, fake : Scaled

    Returns
    -------
    Score
        The mean over columns.
    Series
        By column.
    """
    score, rows = np.empty(len(train.scales)), np.zeros(len(fake))
    for j, scale in enumerate(train.scales):
        far, event = distance(train.shares(j), fake.shares(j), len(scale.atoms))
        score[j] = 1 - far
        rows += event[fake.codes[:, j]]
    if not len(score):
        return NONE, pd.Series(score, dtype=float)
    return scored(score.mean(), rows / len(score)), pd.Series(score, train.names)


def pairs(train, fake):
    """Pair trends: 1 - total variation distance of every two columns' two-way table of bins.

    Returns
    -------
    Score
        The mean over pairs.
    DataFrame
        Columns by columns; the diagonal is each column's own bins.
    """
    names, widths = train.names, [len(scale.bins) for scale in train.scales]
    square, rows = np.ones((len(names), len(names))), np.zeros(len(fake))
    for a, wide in enumerate(widths):
        for b in range(a, len(names)):
            cells = [t.bins[:, a].astype(np.int64) * widths[b] + t.bins[:, b] for t in (train, fake)]
            real, made = (np.bincount(cell, minlength=wide * widths[b]) / len(cell) for cell in cells)
            square[a, b] = square[b, a] = 1 - np.abs(real - made).sum() / 2
            if a != b:
                rows += (real > made)[cells[1]]
    frame = pd.DataFrame(square, names, names)
    many = len(names) * (len(names) - 1) // 2
    if not many:
        return NONE, frame
    return scored(square[np.triu_indices(len(names), 1)].mean(), rows / many), frame


def overlap_of_mass(real, fake):
    """Shared mass over joint mass of two sets of cells, and what one more row in each cell does to it.

    1 where all cells are as likely in both, 0 where no cell is in both. Rare things weigh fully, since cells that are
    left out (the answered ones) do not count.
    """
    joint = np.maximum(real, fake).sum()
    if joint == 0:
        return np.nan, np.zeros(len(real))
    share = np.minimum(real, fake).sum() / joint
    return share, np.where(fake < real, 1.0, -share) / joint


def missingness(train, fake):
    """Rates of missing cells and declared codes, and who has them.

    For each column with at least 10 gaps in either table, and every column beside it: the rows with a gap, by kind of
    gap and half of the other column (its gaps, below its median or above; its commonest level or another), as shared
    mass over joint mass (:func:`overlap_of_mass`).

    Returns
    -------
    Score
        The mean over columns with gaps; NaN where neither table has any.
    Series
        By column; NaN for columns without gaps.
    """
    by_column, rows = pd.Series(np.nan, train.names, dtype=float), np.zeros(len(fake))
    halves = [_halves(scale, train.shares(j)) for j, scale in enumerate(train.scales)]
    least = EXPECTED / min(len(train), len(fake))
    for a, scale in enumerate(train.scales):
        holes = [np.flatnonzero(table.codes[:, a] < scale.gaps) for table in (train, fake)]
        if max(len(hole) / len(table) for hole, table in zip(holes, (train, fake), strict=True)) < least:
            continue
        scores = []
        for b, other in enumerate(train.scales):
            wide, shares, cells = other.gaps + 2, [], None
            for table, hole in zip((train, fake), holes, strict=True):
                side = 0 if a == b else halves[b][table.codes[hole, b]]
                cells = table.codes[hole, a].astype(np.int64) * wide + side
                shares.append(np.bincount(cells, minlength=scale.gaps * wide) / len(table))
            score, push = overlap_of_mass(*shares)
            scores.append(score)
            rows[holes[1]] += push[cells] / len(train.scales)
        by_column.iloc[a] = np.mean(scores)
    many = by_column.notna().sum()
    return (scored(by_column.mean(), rows / many) if many else NONE), by_column


def _halves(scale, share):
    """For each code its gap, or one of two halves of the answers."""
    half, atoms = np.minimum(np.arange(len(scale)), scale.gaps + 1), len(scale.atoms)
    if len(scale.values):
        run = np.cumsum(share[atoms:])
        half[atoms:] = scale.gaps + (run - share[atoms:] / 2 > run[-1] / 2)
    elif atoms > scale.gaps:
        half[scale.gaps :] = scale.gaps + 1
        half[scale.gaps + share[scale.gaps :].argmax()] = scale.gaps
    return half


def rare_levels(train, fake):
    """How far levels under 5 % of the training rows keep their rate: the smaller rate over the larger, 0 where lost.

    Scored are levels (declared codes included) of which at least 10 rows are to be expected in both tables.

    Returns
    -------
    Score
        The mean over rare levels; NaN where there are none.
    DataFrame
        One row a rare level: column, level, real, fake (shares of rows), kept.
    """
    least = EXPECTED / min(len(train), len(fake))
    found, rows = [], np.zeros(len(fake))
    for j, scale in enumerate(train.scales):
        real, made = train.shares(j), fake.shares(j)
        rare = (real > 0) & (real < RARE) & (real >= least)
        rare[0] = False  # missing is no level
        if scale.column.kind in ("number", "date"):
            rare[scale.gaps :] = False
        for code in np.flatnonzero(rare):
            r, s = real[code], made[code]
            found.append((scale.column.name, scale.name(code), r, s, min(r, s) / max(r, s)))
            rows[fake.codes[:, j] == code] += 1 / r if s < r else -r / s**2
    frame = pd.DataFrame(found, columns=["column", "level", "real", "fake", "kept"])
    return (scored(frame["kept"].mean(), rows / len(frame)) if found else NONE), frame


def coverage(train, fake):
    """How much of what the training rows span is there: levels present; training rows within the range of a number.

    The interval asks what another draw of as many rows would hold: a level to be seen k times is absent with chance
    exp(-k), where k is the mean of both tables.

    Returns
    -------
    Score
        The mean over columns.
    Series
        By column.
    """
    score, variance = np.full(len(train.scales), np.nan), 0.0
    for j, scale in enumerate(train.scales):
        real, made = train.shares(j), fake.shares(j)
        if scale.column.kind in ("number", "date"):
            real, made = real[len(scale.atoms) :], made[len(scale.atoms) :]
            span = np.flatnonzero(made)
            within = real[span[0] : span[-1] + 1].sum() if len(span) else 0.0
            score[j] = within / real.sum() if real.sum() else np.nan
        else:
            levels = (real > 0) & (np.arange(len(real)) > 0)
            absent = np.exp(-(real + made)[levels] / 2 * len(fake))
            if levels.any():
                score[j] = (made[levels] > 0).mean()
                variance += (absent * (1 - absent)).sum() / levels.sum() ** 2
    by_column = pd.Series(score, train.names, dtype=float)
    many = by_column.notna().sum()
    if not many:
        return NONE, by_column
    value, half = float(by_column.mean()), float(Z * np.sqrt(variance) / many)
    return Score(value, max(value - half, 0.0), min(value + half, 1.0)), by_column


# -- the discriminator ------------------------------------------------------------------------------------------------


def discriminator(real, fake, rng):
    """How well boosted trees tell synthetic rows from real ones: raw AUC over 5 folds, equal numbers of both.

    .5 when they cannot. Above: the tables differ somewhere. Below, against the rows that the model learned from: the
    fake holds copies, since the twin of a row to be judged stood among the rows to learn from under the other name.

    Parameters
    ----------
    real, fake : Scaled
        At most 10,000 rows of each are used.
    rng : Generator

    Returns
    -------
    Score
    """
    from sklearn.model_selection import StratifiedKFold

    n = min(len(real), len(fake), MOST_ROWS)
    if n < 2 * FOLDS or not real.scales:
        return NONE
    matrices, nominal = features([real.few(n, rng), fake.few(n, rng)])
    x, y = np.concatenate(matrices), np.repeat([False, True], n)
    areas, parts, seed = [], np.empty(len(y)), seed_of(rng)
    with one_thread():
        for fit, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(x, y):
            _, chances = trees(x[fit], y[fit], x[test], nominal, seed)
            area, parts[test] = auc(y[test], chances[:, 1])
            areas.append(area)
    return scored(np.mean(areas), parts)
