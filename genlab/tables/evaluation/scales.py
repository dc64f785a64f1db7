"""Several tables on common scales: every cell becomes the code of its value, so that scores are counts.

A column's codes are its *atoms* (missing, each declared code, levels without order, what cannot be read) and then its
ordered values. Bins are coarser codes for pairs of columns, cut on the training rows alone: a table ten times too
large falls out of them, and never brings bins of its own. Free text and ids are left out: nothing about them is to be
alike.
"""

import dataclasses
import warnings

import numpy as np
import pandas as pd

from genlab.tables.types import plain

BINS = 10  # of a number, date or long scale, and levels of a category that keep a bin of their own
LEFT_OUT = ("id", "text")


@dataclasses.dataclass(frozen=True)
class Scale:
    """One column's codes.

    Attributes
    ----------
    column : Column
    atoms : tuple of str
        Names of the codes without order; the first `gaps` of them are missing and the declared codes.
    gaps : int
    values : ndarray of float
        The ordered values, rising; value i has the code ``len(atoms) + i``.
    names : tuple of str
        Of the ordered values, where they are levels.
    bin_of : ndarray of int
        The bin of each code.
    bins : tuple of str
        Names of the bins; gaps come first, as in the codes.
    """

    column: object
    atoms: tuple
    gaps: int
    values: np.ndarray
    names: tuple
    bin_of: np.ndarray
    bins: tuple

    def __len__(self):
        return len(self.atoms) + len(self.values)

    def name(self, code):
        """The value of a code, in words."""
        if code < len(self.atoms):
            return self.atoms[code]
        return self.names[code - len(self.atoms)] if self.names else f"{self.values[code - len(self.atoms)]:g}"


@dataclasses.dataclass(frozen=True)
class Scaled:
    """A table on common scales: `codes` and `bins` are whole numbers of shape (rows, columns)."""

    scales: tuple
    codes: np.ndarray
    bins: np.ndarray

    def __len__(self):
        return len(self.codes)

    @property
    def names(self):
        return [scale.column.name for scale in self.scales]

    def take(self, rows):
        """The table of these rows."""
        return Scaled(self.scales, self.codes[rows], self.bins[rows])

    def few(self, n, rng):
        """At most n rows, drawn without putting back."""
        return self if len(self) <= n else self.take(np.sort(rng.choice(len(self), n, replace=False)))

    def shuffled(self, rng):
        """Each column in an order of its own: the same shapes, no dependence left."""
        codes = rng.permuted(self.codes, axis=0)
        return Scaled(self.scales, codes, bins_of(self.scales, codes))

    def shares(self, j):
        """The share of rows that has each code of column j."""
        return np.bincount(self.codes[:, j], minlength=len(self.scales[j])) / len(self)


def bins_of(scales, codes):
    return np.stack([scale.bin_of[codes[:, j]] for j, scale in enumerate(scales)], axis=1).astype(np.int32)


def on_common_scales(types, train, **others):
    """Tables as codes on the scales of the training rows.

    Parameters
    ----------
    types : Types
    train : DataFrame
        The bins are cut on its rows.
    **others : DataFrame
        A column that one lacks is taken as missing in all its rows; levels that the training rows do not have get codes
        of their own.

    Returns
    -------
    dict of str to Scaled
        "train" and the others, by name.
    """
    frames, found = {"train": train, **others}, []
    for column in types.values():
        if column.kind not in LEFT_OUT:
            cells = {key: frame[column.name] if column.name in frame else None for key, frame in frames.items()}
            cells = {
                key: pd.Series(np.full(len(frames[key]), np.nan)) if series is None else series
                for key, series in cells.items()
            }
            found.append((_ordered if column.kind in ("number", "date") else _levels)(column, cells))
    scales = tuple(scale for scale, _ in found)
    tables = {}
    for key, frame in frames.items():
        codes = np.empty((len(frame), len(scales)), np.int32)
        for j, (_, by_table) in enumerate(found):
            codes[:, j] = by_table[key]
        tables[key] = Scaled(scales, codes, bins_of(scales, codes) if scales else codes)
    return tables


def hashable(frame):
    """The frame, its lists, dicts and the like turned into text: a cell is to be looked up."""
    odd = {}
    for name in frame:
        try:
            pd.factorize(frame[name])
        except TypeError:
            odd[name] = frame[name].where(frame[name].isna(), frame[name].map(str))
    return pd.DataFrame({name: odd.get(name, frame[name]) for name in frame}) if odd else frame


# -- one column -------------------------------------------------------------------------------------------------------


def numbers(series, column):
    """A number or date column as floats (dates in seconds since 1970) and the atom of each cell, -1 for a number.

    Atom 0 is missing, 1 to k the declared codes, k + 1 whatever is no number.
    """
    gone = series.isna().to_numpy(dtype=bool)
    plain_cells = series.astype(object)
    x = _seconds(series, column.format) if column.kind == "date" else _floats(plain_cells)
    atom = np.where(gone, 0, np.where(np.isfinite(x), -1, len(column.missing) + 1))
    text = None
    for i, code in enumerate(column.missing, start=1):
        if isinstance(code, str):
            text = plain_cells.map(str).to_numpy() if text is None else text
            atom[(text == code) & ~gone] = i
        else:
            atom[(_floats(plain_cells) == code) & ~gone] = i
    return np.where(atom < 0, x + 0.0, np.nan), atom  # -0.0 + 0.0 is 0.0


def _floats(cells):
    return pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _seconds(series, pattern):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a cell that is no date is what this is to find out
        times = pd.to_datetime(series.astype(object), errors="coerce", utc=True, format=pattern or None)
    return ((times - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)).to_numpy(dtype=float, na_value=np.nan)


def _ordered(column, cells):
    """The scale of a number or date column and its codes by table."""
    read = {key: numbers(series, column) for key, series in cells.items()}
    values = np.unique(np.concatenate([x[atom < 0] for x, atom in read.values()]))
    atoms = ("missing", *map(str, column.missing), "unreadable")
    codes = {key: np.where(atom < 0, len(atoms) + np.searchsorted(values, x), atom) for key, (x, atom) in read.items()}
    x, atom = read["train"]
    bin_of, bins = _cut(values, x[atom < 0], *((_day,) if column.kind == "date" else ("{:g}".format, _about)))
    bin_of = np.concatenate([np.arange(len(atoms)), len(atoms) + bin_of])
    return Scale(column, atoms, len(atoms) - 1, values, (), bin_of, (*atoms, *bins)), codes


def _cut(values, x, name, about=None):
    """The bin of each of `values`, between the deciles of x, or one for each value of x where they are few; and names."""
    few = np.unique(x)
    edges = few[1:] if len(few) <= BINS else np.unique(np.quantile(x, np.arange(1, BINS) / BINS, method="inverted_cdf"))
    where = np.searchsorted(edges, values, side="right")
    if 0 < len(few) <= BINS:
        return where, [name(value) for value in few]
    ends = [(about or name)(edge) for edge in edges]
    middle = [f"{low} to below {high}" for low, high in zip(ends[:-1], ends[1:], strict=True)]
    return where, [f"below {ends[0]}", *middle, f"from {ends[-1]}"] if ends else ["any"]


def _about(value):
    """A number in three digits: the exact end of a bin may be somebody's own value."""
    return f"{float(f'{value:.3g}'):g}"


def _day(second):
    day = pd.Timestamp(second, unit="s")
    return f"{day:%Y-%m-%d}" if day == day.normalize() else f"{day:%Y-%m-%d %H:%M}"


def _levels(column, cells):
    """The scale of a column with levels (or of a constant) and its codes by table."""
    known = [*column.missing, *column.levels]
    where = {}
    for rank in (2, 1, 0):  # a value itself goes before what looks like it
        where |= {key: i for i, value in reversed(list(enumerate(known))) for key in _keys(value)[rank : rank + 1]}
    found, extra = {}, {}
    for key, series in cells.items():
        number, uniques = pd.factorize(series.astype(object))  # -1 where missing
        place = np.empty(len(uniques) + 1, int)
        place[-1] = -1
        for i, value in enumerate(uniques):
            hit = next((where[k] for k in _keys(value) if k in where), None)
            place[i] = len(known) + extra.setdefault(_keys(value)[1], len(extra)) if hit is None else hit
        found[key] = place[number]  # -1 for missing
    gaps = 1 + len(column.missing)
    order = column.kind == "ordinal"
    names = [str(column.labels.get(value, value)) for value in known] + [name[1] for name in extra]
    levels = range(len(column.missing), len(known))
    extras = range(len(known), len(known) + len(extra))
    atom_of = [*range(len(column.missing)), *extras] if order else range(len(names))
    code = np.empty(len(names) + 1, int)
    code[-1] = 0
    atoms = ("missing", *(names[i] for i in atom_of))
    code[list(atom_of)] = np.arange(1, len(atoms))
    if order:
        code[list(levels)] = len(atoms) + np.arange(len(levels))
    values = np.arange(len(levels), dtype=float) if order else np.empty(0)
    codes = {key: code[number] for key, number in found.items()}
    ordered = tuple(names[i] for i in levels) if order else ()
    counts = np.bincount(codes["train"], minlength=len(atoms) + len(values))
    bin_of, bins = _bins_of_levels(atoms, gaps, values, ordered, counts)
    return Scale(column, atoms, gaps, values, ordered, bin_of, bins), codes


def _bins_of_levels(atoms, gaps, values, ordered, counts):
    """Bins: each gap, the commonest atoms, other atoms, atoms not in train; an order keeps its levels or is cut."""
    inner = counts[gaps : len(atoms)]
    top = [i for i in np.argsort(-inner, kind="stable")[:BINS] if inner[i] > 0]
    place = np.where(inner > 0, len(top), len(top) + 1)
    place[top] = np.arange(len(top))
    bins = [*atoms[:gaps], *(atoms[gaps + i] for i in top), "other levels", "levels not in train"]
    bin_of = np.concatenate([np.arange(gaps), gaps + place]).astype(int)
    if len(values) <= BINS:
        more, names = np.arange(len(values)), list(ordered)
    else:
        more, names = _cut(values, np.repeat(values, counts[len(atoms) :]), lambda value: ordered[int(value)])
    return np.concatenate([bin_of, len(bins) + more]), (*bins, *names)


def _keys(value):
    """What `value` may be found under: itself, as a typed thing; its text, a whole number's without decimals; 1 for yes."""
    value = plain(value)
    if isinstance(value, bool):
        return (bool, value), (str, str(value)), (float, float(value))
    if isinstance(value, float) and value.is_integer():
        return (float, value), (str, f"{value:.0f}")
    if isinstance(value, int):
        return (float, float(value)) if abs(value) < 2**53 else (int, value), (str, str(value))
    return (type(value), value), (str, str(value))
