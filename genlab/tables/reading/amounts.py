"""What columns of numbers and dates are: ids, codes for no answer, scales, and their least difference."""

import decimal
import numbers

import numpy as np
import pandas as pd

from genlab.tables.reading import words
from genlab.tables.types import Column, plain

HUGE = 1e15  # beyond it a decimal number cannot tell whole numbers apart
CODES = (-1, -2, -3, -4, -5, -6, -7, -8, -9, *(c for d in (77, 88, 97, 98, 99) for c in (d, -d)))
NINES = (8, 9, 98, 99, 998, 999, 9998, 9999)  # codes that are as often values
CODES += tuple(sign * code for code in (888, 997, 998, 999, 9997, 9998, 9999, 99999, 999999) for sign in (1, -1))


class Unfit(ValueError):
    """A column that cannot be used as it is."""


def number(name, series, values, texts=()):
    """A column of numbers; `texts` are answers in words that stand among them."""
    x = pd.to_numeric(values).astype("float64")
    dtype, different, full = str(series.dtype), values.nunique(), len(values) == len(series)
    infinite = np.isinf(x).sum()
    if infinite:
        raise Unfit(f"{infinite:,} of its numbers are infinite: make them missing (NaN)")
    whole = bool((x == x.round()).all())
    if whole and full and not texts and different == len(values) and _is_counter(name, values, x):
        return Column(name, "id", dtype=dtype)
    if whole and words.names_phone(name) and x.abs().median() >= 1e6:
        return Column(name, "text", dtype=dtype, warnings=("telephone numbers? left out",))
    if x.abs().max() > HUGE:
        raise Unfit(
            f"{(x.abs() > HUGE).sum():,} numbers beyond {HUGE:.0e}, such as {values[x.abs() > HUGE].iloc[0]}: an id is "
            "text, .astype(str); a slip is missing (NaN)"
        )
    if different == 1 and not texts:
        return Column(name, "constant" if full else "category", () if full else in_order(values.unique()), dtype=dtype)
    codes, doubts = _codes(x)
    codes = [code for code in in_order(values.unique()) if code in codes]
    kept = x[~x.isin(codes)]
    step = step_of(kept.unique(), 1e-7 if "32" in dtype or dtype == "float[pyarrow]" else 1e-15)
    if codes or texts:
        doubts.insert(0, f"{', '.join(map(repr, [*codes, *texts]))} taken as no answer; undo with missing=[]")
    if set(kept) == {0, 1}:
        levels = in_order(value for value in values.unique() if value in (0, 1))
        return Column(name, "boolean", levels, (*codes, *texts), dtype=dtype, warnings=tuple(doubts))
    return Column(name, "number", missing=(*codes, *texts), dtype=dtype, step=step, warnings=(*doubts, *_scale(kept)))


def _is_counter(name, values, x):
    """Whether whole numbers, all different, number the rows."""
    n, span = len(x), x.max() - x.min() + 1
    if n < 2:
        return False
    if n < 10:
        return words.names_id(name)
    if pd.api.types.is_integer_dtype(values.dtype) and x.abs().min() > HUGE:
        return True
    in_turn = span == n and (x.is_monotonic_increasing or x.is_monotonic_decreasing)
    return in_turn or words.names_id(name) or n * n / (2 * span) > 20  # no two alike is then chance below e^-20


def _codes(x):
    """Which values of `x` are codes for no answer by habit: (set, list of doubts)."""
    counts = x.value_counts()
    likely = [code for code in CODES if counts.get(code, 0) > 1]
    rest = np.sort(x[~x.isin(CODES)].unique())
    if len(rest) < 2:
        return set(), []
    low, high = rest[0], rest[-1]
    spread = max(high - low, 1)
    negative = [code for code in likely if code < 0]
    alone = low >= 0 and set(x[x < 0].unique()) <= set(CODES) and (min(negative, default=0) <= -6 or high >= 20)
    codes = {code for code in negative if alone or low - code > spread}
    codes |= {code for code in likely if code - high > spread and code > 9}
    top, doubts = x.max(), []
    if top in NINES and top not in codes and counts[top] > 1:
        alone = top - x[x < top].max() > 2
        if alone or (top > 9 and counts[top] > 5 * counts.median()):
            doubts = [f"{top:.0f} may be a code for no answer: missing=[{top:.0f}]"]
    return codes, doubts


def _scale(x):
    """A doubt about few whole numbers: a scale, codes, or counts."""
    few = np.sort(x.unique())
    if (few != few.round()).any():
        return []
    if 1 < len(few) <= 10:
        shown = ", ".join(f"{value:.0f}" for value in few)
        if len(few) > 2 and few[-1] - few[0] == len(few) - 1:
            shown = f"{few[0]:.0f} to {few[-1]:.0f}"
        return [f"only {shown}: a scale or codes? if so, declare its levels"]
    dates = len(few) > 2 and (few >= 1900_01_01).all() and (few <= 2100_12_31).all()
    if dates and words.times([f"{value:.0f}" for value in few[:1000]], "%Y%m%d").notna().all():
        return ["dates written as numbers? turn them into dates with pd.to_datetime(..., format='%Y%m%d')"]
    return []


def step_of(x, precision=1e-15):
    """The widest round step (1, 0.5, 0.25, 0.1, ...) on whose multiples all of `x` lie; else nine digits of them.

    `precision` is the relative one in which `x` is stored.
    """
    x = np.unique(np.abs(np.asarray(x, float)))
    top = x.max() or 1.0
    least = top * max(1e-9, 1e3 * precision)  # below it any number is near a multiple
    for exponent in range(6 if len(x) >= 20 else 0, -16, -1):
        for factor in (1, 0.5, 0.25):
            step = float(f"{factor}e{exponent}")
            if not least <= step <= top or (step > 1 and len(x) < 20):
                continue
            ratio = x / step
            if (np.abs(ratio - np.rint(ratio)) <= 1e-6 + 4 * precision * ratio).all():
                return step
    return float(f"1e{max(int(np.floor(np.log10(top))) - (9 if precision < 1e-9 else 7), -300)}")


def date(name, series, values):
    """A column of dates in a dtype of dates."""
    times = pd.to_datetime(values)
    times = times.dt.tz_convert(None) if times.dt.tz is not None else times
    outside = ~times.between(words.EARLIEST, words.LATEST)
    if outside.any():
        raise Unfit(
            f"{outside.sum():,} dates out of range, such as {times[outside].iloc[0]}: years 1678 to 2261 can be held; "
            f"make others missing (NaT)"
        )
    kind = "constant" if times.nunique() == 1 and len(values) == len(series) else "date"
    return Column(name, kind, dtype=str(series.dtype), step=seconds(times))


def seconds(times):
    """The least difference of times in seconds: days, hours, minutes, seconds or parts of one."""
    since = pd.Series(times.unique()).sub(pd.Timestamp("1970-01-01")).dt
    micro = (since.days.to_numpy("int64") * 86400 + since.seconds.to_numpy("int64")) * 1_000_000
    micro = micro + since.microseconds.to_numpy("int64")
    return next((step for step in (86400, 3600, 60, 1, 1e-3) if (micro % round(step * 1e6) == 0).all()), 1e-6)


def in_order(values):
    """Values as plain ones, by text; numbers by size before it."""
    return tuple(sorted(map(plain, values), key=lambda v: (isinstance(v, str), str(v) if isinstance(v, str) else v)))


def is_real(value):
    """Whether `value` is a number that pandas can reckon with."""
    return isinstance(value, numbers.Real) and not isinstance(value, decimal.Decimal)
