"""The types of a frame's columns guessed from its values.

Guessing goes by what pandas says of a column and by habits of survey files. An order of levels is never guessed, and
whatever is doubtful carries a warning. It reads no files (reading.py) and changes no value.
"""

import dataclasses
import datetime
import decimal
import numbers

import numpy as np
import pandas as pd

from genlab.tables.reading import amounts, answers, roles, words
from genlab.tables.reading.amounts import Unfit
from genlab.tables.reading.checking import check, misfits, pandas_dtype, unfit_frame
from genlab.tables.types import MAX_LEVELS, Column, Types, complain, plain

GUESSED = ("kind", "levels", "missing", "dtype", "step", "format")  # what is read off the rows

__all__ = ["check", "examine", "guess", "misfits", "pandas_dtype"]


def guess(df):
    """Guess the types of a frame's columns.

    Parameters
    ----------
    df : pandas.DataFrame

    Returns
    -------
    Types

    Raises
    ------
    ValueError
        One message that lists everything that stands in the way, by column.
    """
    columns, problems = examine(df)
    complain("guess", problems)
    return Types(columns)


def examine(df):
    """What :func:`guess` returns and complains of: (list of Column, list of sentences)."""
    problems = unfit_frame(df)
    if problems:
        return [], problems
    columns, fits = [], []
    for place, name in enumerate(df.columns):
        try:
            columns.append(_column(plain(name), df.iloc[:, place]))
            fits.append(place)
        except Unfit as error:
            problems.append(f"column {plain(name)!r}: {error}")
    columns = roles.give(columns, df.iloc[:, fits])
    return [dataclasses.replace(column, guessed=GUESSED) for column in columns], problems


def _column(name, series):
    """The Column of one series, without its role."""
    values, dtype = series.dropna(), str(series.dtype)
    if values.empty:
        return Column(name, "constant", dtype=dtype, warnings=("no value in any row",))
    _restorable(series.dtype)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _categorical(name, series)
    if pd.api.types.is_bool_dtype(series.dtype):
        return _boolean(name, series, values)
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return amounts.date(name, series, values)
    if pd.api.types.is_numeric_dtype(series.dtype):
        return amounts.number(name, series, values)
    if pd.api.types.is_string_dtype(series.dtype) and series.dtype != object:
        return answers.text(name, series, values)
    return _object(name, series, values)


def _restorable(dtype):
    """Refuse a dtype of which a synthetic column could not be made."""
    mends = {
        "timedelta": "durations: turn them into numbers, .dt.total_seconds()",
        "duration": "durations: turn them into numbers, .dt.total_seconds()",
        "period": "periods: turn them into dates, .dt.to_timestamp()",
        "interval": "intervals: turn them into text, .astype(str)",
        "complex": "complex numbers: split them into two columns",
        "sparse": "a sparse column: .sparse.to_dense()",
        "decimal": "decimals of pyarrow: .astype('float64')",
        "dictionary": "a dictionary of pyarrow: .astype('category')",
        "time": "times of pyarrow: turn them into text, .astype(str)",
        "list": "lists: give each part a column of its own",
        "struct": "structures: give each part a column of its own",
        "binary": "bytes: turn them into text",
    }
    for start, mend in mends.items():
        if str(dtype).lower().startswith(start) and not str(dtype).startswith("timestamp"):
            raise Unfit(f"it holds {mend}")


def _categorical(name, series):
    """A column of pandas' own categories; an order is the frame's declaration."""
    levels = tuple(map(plain, series.cat.categories))
    odd = [level for level in levels if not isinstance(level, str | bool | numbers.Real)]
    if odd:
        raise Unfit(f"its categories are of type {type(odd[0]).__name__}: turn it into text, .astype(str)")
    if len(levels) > MAX_LEVELS:
        if series.cat.ordered:
            raise Unfit(f"{len(levels):,} ordered categories, at most {MAX_LEVELS:,}: join some, or use numbers")
        return answers.many(name, series, series.dropna().astype(object))
    texts = [level for level in levels if isinstance(level, str)]
    if not series.cat.ordered:
        pair = words.no_yes(texts) if len(texts) == len(levels) else None
        kind = "boolean" if pair or set(levels) == {False, True} else "category"
        return Column(name, kind, pair or levels, dtype="category", warnings=answers.level_doubts(texts, len(levels)))
    missing = []  # only from the end of the order, so that levels + missing are the categories as they were
    while len(levels) - len(missing) > 1 and words.is_no_answer(levels[-1 - len(missing)]):
        missing.insert(0, levels[-1 - len(missing)])
    levels = levels[: len(levels) - len(missing)]
    doubts = [f"{', '.join(map(repr, missing))} taken as no answer, outside the order"] if missing else []
    inside = [level for level in levels if words.is_no_answer(level)]
    doubts += [f"{inside[0]!r} stands in the order: move it with missing=[{inside[0]!r}]"] if inside else []
    return Column(name, "ordinal", levels, tuple(missing), declared=True, dtype="category", warnings=tuple(doubts))


def _boolean(name, series, values):
    if values.nunique() == 1 and len(values) == len(series):
        return Column(name, "constant", dtype=str(series.dtype))
    return Column(name, "boolean", (False, True), dtype=str(series.dtype))


def _object(name, series, values):
    """A column of Python objects."""
    found = {}
    for value in values:
        kind = (
            "boolean"
            if isinstance(value, bool | np.bool_)
            else "number"
            if amounts.is_real(value)
            else type(value).__name__
        )
        found.setdefault("text" if kind in ("str", "str_") else kind, value)
    if set(found) == {"text"}:
        return answers.text(name, series, values)
    if set(found) == {"boolean"}:
        return _boolean(name, series, values)
    if set(found) == {"number"}:
        return amounts.number(name, series, values)
    if set(found) == {"text", "number"}:
        return _mixed(name, series, values)
    odd = sorted(set(found) - {"text", "number", "boolean"})
    if not odd:
        raise Unfit(f"it mixes {' and '.join(sorted(found))}, such as {', '.join(map(repr, found.values()))}: use one")
    mend = "turn them into text or numbers"
    if isinstance(found[odd[0]], datetime.date):
        mend = "turn them into dates with pd.to_datetime"
    elif isinstance(found[odd[0]], decimal.Decimal):
        mend = "turn them into numbers with .astype(float)"
    raise Unfit(f"it holds {' and '.join(odd)} objects, such as {str(found[odd[0]])[:40]}: {mend}")


def _mixed(name, series, values):
    """Numbers with words among them: codes for no answer, or levels such as 1, 2, 3+."""
    is_text = values.map(lambda value: isinstance(value, str))
    texts = values[is_text].value_counts()
    if not any(any(map(str.isdigit, text)) for text in texts.index):
        recur = is_text.sum() >= 2 * len(texts) or all(map(words.is_no_answer, texts.index))
        if len(texts) <= 20 and recur and is_text.sum() <= len(values) / 2:
            return amounts.number(name, series, values[~is_text].infer_objects(), tuple(sorted(texts.index)))
    if values.nunique() <= min(50, len(values) / 2):
        return Column(
            name,
            "category",
            amounts.in_order(values.unique()),
            dtype=str(series.dtype),
            warnings=("numbers and text mixed",),
        )
    shown = ", ".join(f"{text!r} ({count}x)" for text, count in texts[:5].items())
    raise Unfit(f"{is_text.sum():,} texts among its numbers, such as {shown}: make them numbers, or missing (NaN)")
