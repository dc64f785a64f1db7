"""Columns as whole numbers and back: the one encoding that a model of tables learns on.

Every column becomes codes 0 to K - 1. Code 0 is an empty cell, the next ones are the declared kinds of no answer, then
come the *places* in order: a level, a common value of a number or date, or a range that holds its rarer values. So a
model never sees, and its file never holds, a number that fewer than `rare` rows share; a range ends at round numbers,
never at the smallest or largest value found. Numbers drawn from a range are new ones.
"""

import dataclasses
import math

import numpy as np
import pandas as pd

from genlab.tables.reading.guessing import pandas_dtype
from genlab.tables.types import LEVELS, Column, plain

MAX_VALUES = 500  # common values of one number column that stay values
MAX_RANGES = 200
LEARNED = ("number", "date", *LEVELS)  # kinds that get codes; the others are made anew, repeated or left out
UNKNOWN = -1  # code of a level that is not in the encoding: seen in fewer than `rare` rows, or never


@dataclasses.dataclass(frozen=True)
class Codes:
    """How one column becomes codes.

    Parameters
    ----------
    column : Column
    places : tuple
        In order, a level or common value each; None where the place is a range.
    low, high : ndarray, shape (places,)
        Ends of the ranges, the upper one not included; NaN where the place is a value.
    left_out : int
        How many levels were seen in fewer than `rare` rows and are not in the encoding.
    """

    column: Column
    places: tuple
    low: np.ndarray
    high: np.ndarray
    left_out: int = 0

    @property
    def special(self):
        """Number of codes before the places: the empty cell, and one for each declared kind of no answer."""
        return 1 + len(self.column.missing)

    @property
    def size(self):
        return self.special + len(self.places)

    @property
    def ordered(self):
        return self.column.kind != "category"

    def label(self, code):
        """What a code stands for: None for an empty cell, a value, or a pandas Interval."""
        if code < self.special:
            return None if code == 0 else self.column.missing[code - 1]
        place = code - self.special
        if self.places[place] is not None:
            return shown(self.places[place], self.column)
        return pd.Interval(*(shown(end[place], self.column) for end in (self.low, self.high)), closed="left")

    @property
    def widths(self):
        """How many values each code stands for: 1, of a range as many as there are steps in it."""
        inside = np.maximum(np.round((self.high - self.low) / self.column.step), 1)
        return np.concatenate([np.ones(self.special), np.nan_to_num(inside, nan=1.0)])

    def encode(self, series):
        """Codes of a Series, an int array; `UNKNOWN` for a level without a code. Numbers always find a place."""
        empty = series.isna().to_numpy()
        if self.column.kind in LEVELS:
            known = dict.fromkeys(self.column.missing, 0)  # a level and a code are never equal: Column has checked it
            known = {value: code for code, value in enumerate([*known, *self.places], start=1)}
            codes = series.astype(object).map(known, na_action="ignore").to_numpy(dtype=float, na_value=UNKNOWN)
            return np.where(empty, 0, codes).astype(np.int64)
        special, numbers = split_special(series, self.column)
        codes, there = special.copy(), ~np.isnan(numbers)
        codes[there] = self.special + self._place(numbers[there])
        return codes

    def _place(self, x):
        """The place of each number: its own, else the range that holds it, else the nearest place."""
        if not len(self.places):
            return np.zeros(len(x), dtype=np.int64)
        is_range = np.isnan(self.values)
        centre = np.where(is_range, (self.low + self.high) / 2, self.values)
        right = np.clip(np.searchsorted(centre, x), 0, len(centre) - 1)
        left = np.maximum(right - 1, 0)
        place = np.where(np.abs(centre[left] - x) < np.abs(centre[right] - x), left, right)
        if is_range.any():  # rare values belong to a range, even where a common value is nearer
            ranges = np.flatnonzero(is_range)
            held = ranges[np.clip(np.searchsorted(self.low[ranges], x, "right") - 1, 0, len(ranges) - 1)]
            place = np.where(self.values[place] == x, place, held)
        return place

    @property
    def values(self):
        """Places as numbers, NaN for ranges; of number and date columns."""
        return np.array([math.nan if place is None else place for place in self.places], dtype=float)

    def decode(self, codes, rng):
        """A Series of values for codes, of the dtype that the column came in; numbers are drawn within ranges."""
        column, place = self.column, codes - self.special
        if column.kind in LEVELS:
            table = np.empty(self.size, dtype=object)
            table[:] = [None, *column.missing, *self.places]
            return restore(table[codes], column)
        x = np.full(len(codes), np.nan)
        there = place >= 0
        x[there] = self.values[place[there]]
        drawn = there & np.isnan(x)
        if drawn.any():
            steps = np.floor(rng.random(drawn.sum()) * self.widths[codes[drawn]])
            x[drawn] = tidy(self.low[place[drawn]] + column.step * steps, column.step)
        if column.kind == "date":
            return restore_dates(x, column)
        values = x
        if any(isinstance(value, str) for value in column.missing):
            values = np.where(np.isnan(x), None, x.astype(object))
            if column.step >= 1:
                values = np.array([None if value is None else int(value) for value in values], dtype=object)
        for code, value in enumerate(column.missing, start=1):
            values[codes == code] = value
        return restore(values, column)

    def to_json(self):
        """Plain values for a file."""
        places = [[value] if value is not None else [low, high] for value, low, high in self._rows()]
        return dict(places=places, left_out=self.left_out)

    def _rows(self):
        return zip(self.places, self.low.tolist(), self.high.tolist(), strict=True)

    @classmethod
    def from_json(cls, column, rest):
        """Codes from plain values, which may come from anybody."""
        places, left_out = rest["places"], rest["left_out"]
        for place in places:
            right = isinstance(place, list) and len(place) in (1, 2)
            if right and (len(place) == 2 or column.kind not in LEVELS):
                right = all(isinstance(end, int | float) and math.isfinite(end) for end in place)
            if not right or not all(isinstance(end, bool | int | float | str) for end in place):
                raise TypeError(f"a place of column {column.name!r} is {str(place)[:60]}")
        values = tuple(place[0] if len(place) == 1 else None for place in places)
        low, high = (np.array([place[i] if len(place) == 2 else math.nan for place in places]) for i in (0, 1))
        return cls(column, values, low.astype(float), high.astype(float), int(left_out))


def learn(series, column, rare):
    """The Codes of a column, from the rows to learn from.

    Parameters
    ----------
    series : Series
    column : Column
        Of a kind in `LEARNED`.
    rare : int
        A value seen in fewer rows is not kept.
    """
    if column.kind in LEVELS:
        count = series.dropna().astype(object).map(plain).value_counts()
        kept = [level for level in column.levels if column.declared or count.get(level, 0) >= rare]
        kept = kept or [level for level in column.levels if level in count][:1]
        nan = np.full(len(kept), math.nan)
        return Codes(column, tuple(kept), nan, nan, len(column.levels) - len(kept))
    special, x = split_special(series, column)
    x = x[(special == 0) & ~np.isnan(x)]
    values, count = np.unique(x, return_counts=True)
    common = np.sort(values[count >= rare][np.argsort(-count[count >= rare], kind="stable")[:MAX_VALUES]])
    rest = x[~np.isin(x, common)]
    low, high = _ranges(np.sort(rest), rare, column.step) if len(rest) >= rare or not len(common) else ([], [])
    key = np.concatenate([common, (np.array(low) + np.array(high)) / 2])
    order = np.argsort(key, kind="stable")
    nan = [math.nan] * len(common)
    low, high = np.array([*nan, *low], dtype=float)[order], np.array([*nan, *high], dtype=float)[order]
    places = [*map(float, common), *[None] * (len(order) - len(common))]
    return Codes(column, tuple(places[i] for i in order), low, high)


def _ranges(x, rare, step):
    """Lower and upper ends of ranges with about equally many of the sorted numbers x, at least 4 * rare each."""
    if not len(x):
        return [], []
    count = int(np.clip(len(x) // (4 * rare), 1, MAX_RANGES))
    inside = x[min(rare, len(x) // 2) : max(len(x) - rare, len(x) // 2 + 1)]  # the few outermost rows set no end
    edges = np.quantile(inside, np.linspace(0, 1, count + 1))
    width = (edges[-1] - edges[0]) / count
    grid = step * 10.0 ** max(0, math.floor(math.log10(width / 5 / step))) if width > 0 else step
    edges = np.unique(tidy(np.round(edges / grid) * grid, grid))  # round numbers, so that no end is somebody's value
    if len(edges) == 1:
        edges = np.array([edges[0] - grid, edges[0] + grid])
    return edges[:-1].tolist(), edges[1:].tolist()


def tidy(x, step):
    """x without the noise of binary fractions: rounded to as many digits as `step` has."""
    if step >= 1:
        return np.round(x)
    return np.round(x, min(15, math.ceil(-math.log10(step)) + 1))


# -- values of a frame --------------------------------------------------------------------------------------------------


def split_special(series, column):
    """Which declared kind of no answer each cell is (0: none, else its place in `missing`, from 1), and its number.

    Numbers and dates alike come as floats, dates as seconds since 1970; NaN where a cell holds no number.
    """
    special = np.zeros(len(series), dtype=np.int64)
    for code, value in enumerate(column.missing, start=1):
        special[(series == value).fillna(False).to_numpy(dtype=bool)] = code
    if column.kind == "date":
        return special, seconds(series.mask(special > 0) if special.any() else series, column)
    if series.dtype == object or isinstance(series.dtype, pd.StringDtype | pd.CategoricalDtype):
        series = pd.to_numeric(series.astype(object).where(special == 0, None), errors="coerce")
    x = series.to_numpy(dtype=float, na_value=math.nan).copy()
    x[special > 0] = math.nan
    return special, x


def seconds(series, column):
    """Dates as seconds since 1970, NaN where there is none."""
    if column.format:
        series = pd.to_datetime(series, format=column.format, errors="coerce")
    else:
        series = pd.to_datetime(series, errors="coerce")
    if series.dt.tz is not None:
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
    empty = series.isna().to_numpy()
    x = series.to_numpy(dtype="datetime64[us]").astype(np.int64) / 1e6
    x[empty] = math.nan
    return x


def shown(value, column):
    """A place of a date column as a Timestamp, any other as it is; whole numbers as int."""
    if column.kind == "date":
        return pd.Timestamp(value, unit="s")
    if column.kind == "number" and column.step >= 1 and float(value).is_integer():
        return int(value)
    return value


def restore_dates(x, column):
    dates = pd.Series(pd.to_datetime(pd.Series(x), unit="s")).dt.round("us")
    if column.format:
        return restore(dates.dt.strftime(column.format).to_numpy(dtype=object), column)
    tz = getattr(pd.api.types.pandas_dtype(column.dtype), "tz", None)
    if tz is not None:
        dates = dates.dt.tz_localize("UTC").dt.tz_convert(tz)
    return dates.astype(column.dtype)


def restore(values, column):
    """Values as a Series of the column's own dtype; of whole numbers with empty cells, pandas' nullable one."""
    dtype = pandas_dtype(column)
    if isinstance(dtype, pd.CategoricalDtype):
        return pd.Series(pd.Categorical(values, dtype=dtype))
    empty = pd.isna(values)
    if column.dtype in ("object", "str", "string"):
        series = pd.Series(values, dtype=object)
        series = series.where(~empty, None if column.dtype != "object" else np.nan)
        return series if column.dtype == "object" else series.astype(column.dtype)
    if isinstance(dtype, np.dtype) and dtype.kind in "iub":
        if empty.any():  # NumPy's whole numbers and booleans cannot hold an empty cell
            kind = "boolean" if dtype.kind == "b" else dtype.name.capitalize().replace("Uint", "UInt")
            return pd.Series(pd.array(np.where(empty, None, values.astype(object)), dtype=kind))
        return pd.Series(values).astype(dtype)
    if isinstance(dtype, np.dtype) and dtype.kind == "f":
        return pd.Series(pd.to_numeric(pd.Series(values, dtype=object)), dtype=dtype)
    plain_values = [None if gone else value for gone, value in zip(empty, values.tolist(), strict=True)]
    return pd.Series(pd.array(plain_values, dtype=dtype))
