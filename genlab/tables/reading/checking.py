"""A frame checked against its types, and the dtypes that its columns had."""

import functools

import numpy as np
import pandas as pd

from genlab.tables.reading import words
from genlab.tables.reading.amounts import HUGE, is_real
from genlab.tables.types import LEVELS, complain, plain

MAX_COLUMNS = 10_000


def check(df, types, where="fit", *, strict=True):
    """Raise unless a frame fits its types.

    Parameters
    ----------
    df : pandas.DataFrame
    types : Types
    where : str
        What the message begins with.
    strict : bool
        Whether levels that were merely seen elsewhere, not declared, bind too. False for rows held out.

    Raises
    ------
    ValueError
        One message that lists every problem, by column.
    """
    problems = unfit_frame(df)
    if not problems:
        names = list(map(plain, df.columns))
        problems += [f"column {name!r}: in the types, but not in the table" for name in types if name not in names]
        problems += [f"column {name!r}: in the table, but not in the types" for name in names if name not in types]
        problems += misfits(df[[name for name in names if name in types]], types, strict)
    complain(where, problems)


def misfits(df, types, strict=True):
    """What in a frame's values is against its types, as a list of sentences."""
    return [problem for name in df for problem in _misfits(df[name], types[name], strict)]


def _misfits(series, column, strict):
    """What in a series is against its declaration, as a list of sentences."""
    values = series.dropna()
    found = values[~values.isin(column.missing)] if column.missing else values
    if column.kind in LEVELS and (strict or column.declared):
        odd = found[~found.isin(column.levels)]
        return _complaint(column, odd, "are not among its levels", "add them to levels or missing, or mend them")
    if column.kind == "date":
        times = _times(found, column.format)
        rule = f"are no dates{' by ' + column.format if column.format else ''} between 1678 and 2261"
        return _complaint(column, found[times.isna()], rule, "mend them, or make them missing")
    if column.kind != "number":
        return []
    texts = found.map(lambda value: isinstance(value, str) or not is_real(value)).astype(bool)
    x = pd.to_numeric(found[~texts], errors="coerce").astype("float64")
    return [
        *_complaint(column, found[texts], "are no numbers", "add them to missing, or mend them"),
        *_complaint(column, x[np.isinf(x)], "are infinite", "make them missing (NaN)"),
        *_complaint(column, x[np.isfinite(x) & (x.abs() > HUGE)], f"are beyond {HUGE:.0e}", "make them missing (NaN)"),
    ]


def _times(values, pattern):
    """`values` as times, NaT where they are none or out of range."""
    if pattern:
        texts = values.unique()
        read = dict(zip(texts, words.times([str(text) for text in texts], pattern), strict=True))
        return values.map(read)
    times = pd.to_datetime(values, errors="coerce", utc=True).dt.tz_localize(None)
    return times.where(times.between(words.EARLIEST, words.LATEST))


def _complaint(column, values, rule, mend):
    if values.empty:
        return []
    counts = values.map(plain).astype(object).value_counts()
    shown = ", ".join(f"{str(value)[:40]!r} ({n:,}x)" for value, n in counts[:5].items())
    more = f" and {len(counts) - 5:,} more" if len(counts) > 5 else ""
    return [f"column {column.name!r}: {len(values):,} values {rule}: {shown}{more}; {mend}"]


def unfit_frame(df):
    """What is wrong with a frame as a whole, as a list of sentences."""
    if not isinstance(df, pd.DataFrame):
        return [f"a table is a pandas DataFrame, not a {type(df).__name__}"]
    if isinstance(df.columns, pd.MultiIndex):
        return ["the columns have names of several levels: join them, df.columns = ['_'.join(name) for name in df]"]
    problems = []
    if df.shape[1] == 0:
        problems.append("the table has no columns")
    elif len(df) == 0:
        problems.append("the table has no rows")
    if df.shape[1] > MAX_COLUMNS:
        problems.append(f"{df.shape[1]:,} columns, at most {MAX_COLUMNS:,}: keep those that you need")
    names = list(map(plain, df.columns))
    odd = [name for name in names if isinstance(name, bool) or not isinstance(name, str | int)]
    problems += [f"column {name!r}: its name must be text or a whole number" for name in odd[:20]]
    counts = pd.Series(names, dtype=object).value_counts()
    twice = counts[counts > 1].items()
    return problems + [f"column {name!r}: {n} columns have this name, give each its own" for name, n in twice]


@functools.cache
def _arrow_string():
    import pyarrow as pa

    return pd.ArrowDtype(pa.string())


def pandas_dtype(column):
    """The pandas dtype that a column's values had in the frame, from its declaration.

    Notes
    -----
    Not just ``column.dtype``: categories need their levels, and pandas has two dtypes of the name "string[pyarrow]".
    """
    if column.dtype == "category" and column.kind in LEVELS:
        return pd.CategoricalDtype([*column.levels, *column.missing], ordered=column.kind == "ordinal")
    return _arrow_string() if column.dtype == "string[pyarrow]" else pd.api.types.pandas_dtype(column.dtype)
