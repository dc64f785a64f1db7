"""Columns that no model learns: constants are repeated, and ids are made anew."""

import numpy as np
import pandas as pd

from genlab.tables.reading.guessing import pandas_dtype
from genlab.tables.synthesis import encoding


def only(series):
    """The value of a constant column; None where it is empty throughout."""
    there = series.dropna()
    return there.iloc[0] if len(there) else None


def digits(series):
    """How long the longest id is, up to 12: new ones are made longer."""
    return int(np.clip(series.dropna().astype(str).str.len().max(), 1, 12)) if series.notna().any() else 1


def room(column):
    """How long real ids may be, where they must not be looked at: what the column's dtype has room for, less a digit."""
    bits = getattr(pandas_dtype(column), "itemsize", 8) * 8
    return {8: 1, 16: 3, 32: 8}.get(bits, 12)


def new_ids(first, n, rows, digits, column):
    """Ids of n rows from the place `first` on, in a table of so many rows."""
    if pd.api.types.is_numeric_dtype(pandas_dtype(column)):
        start = 10**digits + first  # one digit more than any real one
        return encoding.restore(np.arange(start, start + n), column)
    width = max(6, len(str(rows)))
    named = [f"synthetic-{i:0{width}d}" for i in range(first + 1, first + n + 1)]
    return encoding.restore(np.array(named, dtype=object), column)
