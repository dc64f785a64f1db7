"""What rows must have: the conditions of ``sample(n, where=...)`` as sets of codes."""

import dataclasses
import math

import numpy as np
import pandas as pd

from genlab.tables.synthesis.encoding import Codes, restore, restore_dates, split_special
from genlab.tables.types import LEVELS, complain


@dataclasses.dataclass(frozen=True)
class Condition:
    """Which codes a column may have, and the value to write where only one is wanted.

    Parameters
    ----------
    here : Codes
        Of the column; ranges are cut to an interval that was asked for.
    codes : bool array, shape (codes.size,)
    value : object
        The single value wanted; `SEVERAL` otherwise.
    """

    here: Codes
    codes: np.ndarray
    value: object

    @property
    def single(self):
        return self.codes.sum() == 1

    def decode(self, codes, rng):
        """Values of the column, of its dtype."""
        if self.value is SEVERAL or codes.max(initial=0) < self.here.special or self.here.column.kind in LEVELS:
            return self.here.decode(codes, rng)
        _, number = split_special(pd.Series([self.value]), self.here.column)
        x = np.full(len(codes), number[0])  # the very number, where the code stands for a range
        return restore_dates(x, self.here.column) if self.here.column.kind == "date" else restore(x, self.here.column)


SEVERAL = object()


def parse(where, types, all_codes):
    """Conditions by number of the column.

    Raises
    ------
    ValueError
        One message that lists every condition that cannot be met, and what could be asked.
    """
    if not isinstance(where, dict):
        raise ValueError(f"where={where!r}: must be a dict, such as where={{'gender': 'female'}}")
    place = {codes.column.name: j for j, codes in enumerate(all_codes)}
    wanted, problems = {}, []
    for name, asked in where.items():
        if name not in types:
            problems.append(f"{name!r}: no such column; there are {', '.join(map(repr, place))}")
        elif name not in place:
            problems.append(
                f"{name!r}: a column of kind {types[name].kind!r} is not learned, and cannot be a condition"
            )
        else:
            found = _condition(asked, all_codes[place[name]])
            if isinstance(found, str):
                problems.append(f"{name!r}: {found}")
            else:
                wanted[place[name]] = found
    complain("where", problems)
    return wanted


def _condition(asked, here):
    """A Condition, or a sentence that says why there is none."""
    if isinstance(asked, pd.Interval):
        return _interval(asked, here)
    several = isinstance(asked, list | tuple | set | frozenset)
    values = list(asked) if several else [asked]
    if not values:
        return "an empty list allows nothing"
    codes = np.zeros(here.size, dtype=bool)
    for value in values:
        if not np.isscalar(value) and value is not None and not hasattr(value, "isoformat") and value is not pd.NA:
            return f"{value!r} is neither a value, a list of values nor a pandas Interval"
        code = _code(value, here)
        if code is None:
            known = [here.label(code) for code in range(1, here.size)][:12]
            return f"{value!r} was not learned; there are {', '.join(map(str, known))}"
        codes[code] = True
    return Condition(here, codes, SEVERAL if several else asked)


def _code(value, here):
    """The code of one value; None where it has none."""
    if pd.isna(value):
        return 0
    if here.column.kind in LEVELS:
        known = dict(zip([*here.column.missing, *here.places], range(1, here.size), strict=True))
        return known.get(value)
    if value in here.column.missing:
        return 1 + here.column.missing.index(value)
    try:
        _, number = split_special(pd.Series([value]), here.column)
    except (ValueError, TypeError):
        return None
    ends = np.concatenate([here.values, here.low, here.high])
    if math.isnan(number[0]) or not np.nanmin(ends) <= number[0] <= np.nanmax(ends):
        return None
    return int(here.encode(pd.Series([value]))[0])


def _interval(asked, here):
    if here.column.kind in LEVELS:
        return f"an interval is for numbers and dates; this is a column of kind {here.column.kind!r}"
    step = here.column.step
    ends = [end.timestamp() if hasattr(end, "timestamp") else float(end) for end in (asked.left, asked.right)]
    left = ends[0] if asked.closed in ("left", "both") else ends[0] + step
    right = ends[1] if asked.closed in ("right", "both") else ends[1] - step
    low, high = np.maximum(here.low, left), np.minimum(here.high, right + step)  # its upper end is not included
    values = here.values
    fits = np.where(np.isnan(values), low < high - step / 2, (values >= left) & (values <= right))
    if not fits.any():
        return f"no value that was learned lies in {asked}"
    cut = dataclasses.replace(here, low=low, high=np.maximum(low, high))
    return Condition(cut, np.concatenate([np.zeros(here.special, dtype=bool), fits]), SEVERAL)
