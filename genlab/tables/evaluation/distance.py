"""How far rows are from each other, and whether fake rows lie nearer to the rows they were learned from.

Numbers and dates count by their rank among the real rows, ordinal levels by their step, other levels as equal or not; a
missing value and each declared code is an answer of its own, as far from a number as two levels are from each other.
Ids, constants and free text take no part. The distance is Euclidean. Distances are made in blocks, never all at once.

A share of one half is what fresh real rows have; it is a smoke alarm and not a proof, because records of the training
set can be told from others in tables whose distances look well (Yao et al., 2025, "The DCR Delusion").
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse

from genlab.tables.evaluation.chance import generator, trades, wilson
from genlab.tables.types import LEVELS, complain, plain

QUERIES = 5000  # rows whose nearest rows are looked up, at most; the rows they are compared with are never thinned
LEFT_OUT = ("id", "constant", "text")
SAME = 1e-11  # squared distances this close are equal: rounding is below, a step of one rank among 200,000 rows above
BLOCK = 4_000_000  # distances at a time: 32 MB
ONE_HOT = 8  # levels; beyond that comparing codes is quicker than multiplying


class Share(NamedTuple):
    """A share with its 95 % interval."""

    value: float
    low: float
    high: float


def distance_share(train, holdout, fake, *, types, random_state=0):
    """Share of fake rows that lie nearer to a training row than to a held-out row; a tie counts one half.

    Parameters
    ----------
    train, holdout, fake : DataFrame
        The larger of train and holdout is thinned to the size of the other; of fake at most 5,000 rows are looked at.
    types : Types
    random_state : None, int, Generator or RandomState

    Returns
    -------
    Share
        value, low, high. Ideal .5. The interval is Wilson's with the number of tries that has the variance seen when
        training and held-out rows trade places: one real row may be nearest to many fake rows, and then those are
        not separate tries.

    Raises
    ------
    ValueError
        Without rows held out, without rows at all, or without a column to compare.
    """
    rng = generator(random_state)
    coded = Coded(train, holdout, fake, types, rng)
    space = Space(coded, coded.names)
    reference, group = unique_rows(coded.real)
    chosen = rng.permutation(len(coded.fake))[:QUERIES]
    _, near = nearest(space.place(coded.fake[chosen]), space.place(reference))
    rows = members(group, len(reference))

    def share(member):
        ours, theirs = ((near @ (rows @ side) > 0).mean(axis=0) for side in (member, 1 - member))
        return 0.5 + 0.5 * (ours - theirs)

    value = float(share(coded.member)[0])
    variance = np.var(np.concatenate([share(block) for block in trades(coded.pairs, rng, 499)]))
    return Share(value, *wilson(value, min(len(chosen), 0.25 / max(variance, 1e-12))))


class Coded:
    """Real and fake rows as whole numbers: equal values have equal codes, and ordered values ordered codes from 0 on.

    Missing has code -1; declared codes, and values that the types do not know, have codes below.

    Attributes
    ----------
    names : list
        The columns that take part.
    real : array of int, shape (2 pairs, columns)
        Training rows, then as many held-out rows, both in random order.
    fake : array of int, shape (rows, columns)
    member : array of int, shape (2 pairs, 1)
        1 for the rows of `real` that are training rows, 0 for the held-out ones.
    values : dict
        For each number and date column the values of codes 0, 1, ... (dates in seconds); nothing for others.
    """

    def __init__(self, train, holdout, fake, types, rng, problems=()):
        if holdout is None:
            raise ValueError("holdout=None: without real rows that were never learned from, nothing is known of leaks")
        frames = dict(train=train, holdout=holdout, fake=fake)
        problems = [*problems, *(f"{what} has no rows" for what, frame in frames.items() if not len(frame))]
        self.names = compared(types, fake)
        for what in ("train", "holdout"):
            problems += [f"{what} has no column {name!r}" for name in self.names if name not in frames[what]]
        if not self.names:
            problems.append("no column can be compared: ids, constants, text and what fake lacks do not count")
        complain("attacks", problems)
        self.pairs = min(len(train), len(holdout))
        self.member = np.repeat([[1], [0]], self.pairs, axis=0).astype(np.int32)
        thin = [frame.iloc[rng.permutation(len(frame))[: self.pairs]] for frame in (train, holdout)]
        self.kinds = {name: types[name].kind for name in self.names}
        self.levels = {name: len(types[name].levels) for name in self.names}
        self.values, real, made = {}, [], []
        for name in self.names:
            parts, values = _codes(types[name], [frame[name] for frame in (*thin, fake)])
            real.append(np.concatenate(parts[:2]))
            made.append(parts[2])
            if values is not None:
                self.values[name] = values
        self.real, self.fake = (np.stack(codes, axis=1).astype(np.int32) for codes in (real, made))

    def at(self, names):
        """Positions of columns."""
        return [self.names.index(name) for name in names]

    def shuffled(self, rng):
        """The fake rows with each column shuffled alone: what they say of people one column at a time."""
        return rng.permuted(self.fake, axis=0)


def compared(types, fake):
    """Names of the columns that take part: what fake does not have, it cannot tell."""
    return [name for name, column in types.items() if column.kind not in LEFT_OUT and name in fake]


def _codes(column, parts):
    """The codes of one column in each of `parts`, and the values of codes 0, 1, ... where it has numbers or dates."""
    found = [pd.factorize(part) for part in parts]
    cells = [[plain(value) for value in values] for _, values in found]
    others, values = {}, None
    if column.kind in LEVELS:
        known = {level: code for code, level in enumerate(column.levels)}
        codes = [np.array([known.get(value, -1) for value in part], dtype=int) for part in cells]
    else:
        numbers = [_numbers(part, column) for part in cells]
        values = np.unique(np.concatenate(numbers))
        values = values[np.isfinite(values)]
        codes = [np.where(np.isfinite(part), np.searchsorted(values, part), -1) for part in numbers]
    for part, own in zip(cells, codes, strict=True):
        for i in np.flatnonzero(own < 0):
            own[i] = others.setdefault(part[i], -2 - len(others))
    return [np.append(own, -1)[row] for (row, _), own in zip(found, codes, strict=True)], values  # row -1: missing


def _numbers(cells, column):
    """Cells as floats, dates in seconds; NaN for a declared code and for what is no number or date."""
    cells = pd.Series([None if column.missing and cell in column.missing else cell for cell in cells], dtype=object)
    if column.kind == "number":
        return pd.to_numeric(cells, errors="coerce").to_numpy(float, na_value=np.nan)
    text = cells.map(lambda cell: isinstance(cell, str)).any()
    dates = pd.to_datetime(cells, format=column.format or ("mixed" if text else None), errors="coerce", utc=True)
    return (dates - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy(float)


class Space:
    """Where rows lie, seen from some of their columns.

    Parameters
    ----------
    coded : Coded
        Ranks are taken among its real rows.
    names : list
        Columns.
    """

    def __init__(self, coded, names):
        self.tables, self.compared = [], []
        for at in coded.at(names):
            name = coded.names[at]
            real, fake = coded.real[:, at], coded.fake[:, at]
            others = max(0, -min(real.min(), fake.min()))  # codes below 0
            if coded.kinds[name] in ("category", "boolean"):
                used = np.unique(np.concatenate([real, fake]))
                if len(used) > ONE_HOT:
                    self.compared.append(at)
                    continue
                table = np.zeros((others + max(used.max() + 1, 0), len(used)))
                table[used + others, np.arange(len(used))] = np.sqrt(0.5)
            else:
                place = _ranks(coded, name, real)
                table = np.zeros((others + len(place), 1 + (others + 1 if others else 0)))
                table[others:, 0] = place - 0.5
                if others:
                    flag = 1 + np.minimum(np.arange(len(table)), others)
                    table[np.arange(len(table)), flag] = np.sqrt(0.5)
            self.tables.append((at, others, table))

    def place(self, codes):
        """Rows of codes as a pair: coordinates (rows, width), and codes that are only compared (columns, rows)."""
        seen = [table[codes[:, at] + others] for at, others, table in self.tables]
        dense = np.hstack(seen) if seen else np.zeros((len(codes), 0))
        return dense, np.ascontiguousarray(codes[:, self.compared].T)


def _ranks(coded, name, real):
    """Places in 0 to 1 of codes 0, 1, ... of an ordered column."""
    if coded.kinds[name] == "ordinal":
        return np.arange(coded.levels[name]) / max(coded.levels[name] - 1, 1)
    count = np.bincount(real[real >= 0], minlength=len(coded.values[name]))
    return (np.cumsum(count) - count / 2) / count.sum() if count.any() else np.full(len(count), 0.5)


def unique_rows(codes, at=None):
    """Rows of codes that differ (in columns `at`, or in any), and for each row the number of the one that it equals."""
    compared = np.ascontiguousarray(codes if at is None else codes[:, at])
    packed = compared.view(np.dtype((np.void, compared.itemsize * compared.shape[1]))).ravel()
    _, first, group = np.unique(packed, return_index=True, return_inverse=True)
    return codes[first], group.ravel()


def members(group, groups):
    """Which rows each group has, as a sparse array of 0 and 1, shape (groups, rows)."""
    ends = np.append(0, np.cumsum(np.bincount(group, minlength=groups)))
    ones = np.ones(len(group), dtype=np.int32)
    return scipy.sparse.csr_array((ones, np.argsort(group, kind="stable"), ends), shape=(groups, len(group)))


def nearest(queries, reference, *, skip=None):
    """The nearest rows of each query, all of them where several are equally near.

    Parameters
    ----------
    queries, reference : tuple
        As :meth:`Space.place` gives them.
    skip : array of int, shape (queries,)
        A row of the reference to pass over for each query, or -1.

    Returns
    -------
    squared : array, shape (queries,)
    near : sparse array of int, shape (queries, reference)
        1 at the nearest rows.
    """
    (dense, compared), (dense_r, compared_r) = queries, reference
    norm = (dense_r**2).sum(axis=1)
    step = max(1, BLOCK // max(len(dense_r), 1))
    squared, columns, counts = [np.empty(0)], [np.empty(0, dtype=np.int64)], [np.zeros(1, dtype=np.int64)]
    for start in range(0, len(dense), step):
        block = dense[start : start + step]
        away = block @ dense_r.T
        away *= -2
        away += norm
        away += (block**2).sum(axis=1)[:, None]
        if len(compared):
            differ = np.zeros(away.shape, dtype=np.uint8 if len(compared) < 256 else np.uint16)
            for left, right in zip(compared[:, start : start + step], compared_r, strict=True):
                differ += left[:, None] != right
            away += differ
        if skip is not None:
            own = skip[start : start + step]
            away[np.flatnonzero(own >= 0), own[own >= 0]] = np.inf
        least = away.min(axis=1)
        rows, found = np.nonzero(away <= least[:, None] + SAME)
        squared.append(np.where(least <= SAME, 0, least))
        columns.append(found)
        counts.append(np.bincount(rows, minlength=len(block)))
    ends = np.cumsum(np.concatenate(counts))
    columns = np.concatenate(columns)
    near = scipy.sparse.csr_array(
        (np.ones(len(columns), dtype=np.int32), columns, ends), shape=(len(dense), len(dense_r))
    )
    return np.concatenate(squared), near
