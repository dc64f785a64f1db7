"""The types of a frame's columns guessed from its values, and a frame checked against its types.

Guessing goes by what pandas says of a column and by habits of survey files. An order of levels is never guessed, and
whatever is doubtful carries a warning. It does not read files (reading.py) and changes no value.
"""

import datetime
import decimal
import functools
import numbers

import numpy as np
import pandas as pd

from genlab.tables import roles, words
from genlab.tables.types import LEVELS, MAX_LEVELS, Column, Types, complain, plain

HUGE = 1e15  # beyond it a decimal number cannot tell whole numbers apart
MAX_COLUMNS = 10_000
MANY = 100  # levels: more get a warning
CODES = (-1, -2, -3, -4, -5, -6, -7, -8, -9, *(c for d in (77, 88, 97, 98, 99) for c in (d, -d)))
CODES += tuple(sign * code for code in (888, 997, 998, 999, 9997, 9998, 9999, 99999, 999999) for sign in (1, -1))


class Unfit(ValueError):
    """A column that cannot be used as it is."""


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
    return roles.give(columns, df.iloc[:, fits]), problems


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
        return _date(name, series, values)
    if pd.api.types.is_numeric_dtype(series.dtype):
        return _number(name, series, values)
    if pd.api.types.is_string_dtype(series.dtype) and series.dtype != object:
        return _text(name, series, values)
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
        return _many(name, series, series.dropna().astype(object))
    texts = [level for level in levels if isinstance(level, str)]
    if not series.cat.ordered:
        pair = words.no_yes(texts) if len(texts) == len(levels) else None
        kind = "boolean" if pair or set(levels) == {False, True} else "category"
        return Column(name, kind, pair or levels, dtype="category", warnings=_doubts(texts, len(levels)))
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


def _date(name, series, values):
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
    return Column(name, kind, dtype=str(series.dtype), step=_seconds(times))


def _seconds(times):
    """The least difference of times in seconds: days, hours, minutes, seconds or parts of one."""
    since = pd.Series(times.unique()).sub(pd.Timestamp("1970-01-01")).dt
    micro = (since.days.to_numpy("int64") * 86400 + since.seconds.to_numpy("int64")) * 1_000_000
    micro = micro + since.microseconds.to_numpy("int64")
    return next((step for step in (86400, 3600, 60, 1, 1e-3) if (micro % round(step * 1e6) == 0).all()), 1e-6)


def _number(name, series, values, texts=()):
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
        return Column(name, "constant" if full else "category", () if full else _sorted(values.unique()), dtype=dtype)
    if set(x.unique()) == {0, 1} and not texts:
        return Column(name, "boolean", _sorted(values.unique()), dtype=dtype)
    codes, doubts = _codes(x)
    codes = [code for code in _sorted(values.unique()) if code in codes]
    kept = x[~x.isin(codes)]
    step = step_of(kept.unique(), 1e-6 if "32" in dtype or dtype == "float[pyarrow]" else 1e-15)
    if codes or texts:
        doubts.insert(0, f"{', '.join(map(repr, [*codes, *texts]))} taken as no answer; undo with missing=[]")
    return Column(name, "number", missing=(*codes, *texts), dtype=dtype, step=step, warnings=(*doubts, *_scale(kept)))


def _is_counter(name, values, x):
    """Whether whole numbers, all different, number the rows."""
    n, span = len(x), x.max() - x.min() + 1
    if n < 2:
        return False
    if n < 10:
        return words.names_id(name)
    in_turn = span == n and (x.is_monotonic_increasing or x.is_monotonic_decreasing)
    return in_turn or words.names_id(name) or n * n / (2 * span) > 20  # no two alike is then chance below e^-20


def _codes(x):
    """Which values of `x` are codes for no answer by habit: (set, list of doubts)."""
    counts = x.value_counts()
    likely = [code for code in CODES if counts.get(code, 0) > 1]
    rest = np.sort(x[~x.isin(CODES)].unique())
    if not likely or len(rest) < 2:
        rest = np.sort(x[~x.isin([code for code in CODES if code < 0 or code > 9])].unique())
    if len(rest) < 2:
        return set(), []
    low, high = rest[0], rest[-1]
    spread = max(high - low, 1)
    negative = [code for code in likely if code < 0]
    alone = low >= 0 and set(x[x < 0].unique()) <= set(CODES) and (min(negative, default=0) <= -6 or high >= 20)
    codes = {code for code in negative if alone or low - code > spread}
    codes |= {code for code in likely if code - high > spread and code > 9}
    doubts = [
        f"{code} may be a code for no answer: missing=[{code}]"
        for code in likely
        if code not in codes
        and code in (8, 9, 98, 99, 998, 999, 9998, 9999)
        and code == x.max()
        and (code - max(rest[rest < code], default=code) > 2 or counts[code] > 5 * counts.median() and code > 9)
    ]
    return codes, doubts


def _scale(x):
    """A doubt about few whole numbers: a scale, codes, or counts."""
    few = np.sort(x.unique())
    if (few != few.round()).any():
        return []
    if 1 < len(few) <= 10:
        shown = ", ".join(f"{value:.0f}" for value in few)
        return [f"only {shown}: a scale or codes? if so, declare its levels"]
    dates = len(few) > 2 and (few >= 1900_01_01).all() and (few <= 2100_12_31).all()
    if dates and words.times([f"{value:.0f}" for value in few[:1000]], "%Y%m%d").notna().all():
        return ["dates written as numbers? turn them into dates with pd.to_datetime(..., format='%Y%m%d')"]
    return []


def step_of(x, precision=1e-15):
    """The widest round step (1, 0.5, 0.25, 0.1, ...) on whose multiples all of `x` lie."""
    x = np.unique(np.abs(np.asarray(x, float)))
    top, least = x.max() or 1.0, 1.0
    for exponent in range(6 if len(x) >= 20 else 0, -16, -1):
        for factor in (1, 0.5, 0.25):
            step = float(f"{factor}e{exponent}")
            if step > 1 and len(x) < 20:
                continue
            if top / step * precision > 1e-3:
                return least
            ratio = x / step
            if (np.abs(ratio - np.rint(ratio)) <= 1e-6 + 4 * precision * ratio).all():
                return step
            least = step
    return least


def _object(name, series, values):
    """A column of Python objects."""
    found = {}
    for value in values:
        kind = (
            "boolean" if isinstance(value, bool | np.bool_) else "number" if _is_real(value) else type(value).__name__
        )
        found.setdefault("text" if kind in ("str", "str_") else kind, value)
    if set(found) == {"text"}:
        return _text(name, series, values)
    if set(found) == {"boolean"}:
        return _boolean(name, series, values)
    if set(found) == {"number"}:
        return _number(name, series, values)
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


def _is_real(value):
    return isinstance(value, numbers.Real) and not isinstance(value, decimal.Decimal)


def _mixed(name, series, values):
    """Numbers with words among them: codes for no answer, or levels such as 1, 2, 3+."""
    is_text = values.map(lambda value: isinstance(value, str))
    texts = values[is_text].value_counts()
    if not any(any(map(str.isdigit, text)) for text in texts.index):
        recur = is_text.sum() >= 2 * len(texts) or all(map(words.is_no_answer, texts.index))
        if len(texts) <= 20 and recur and is_text.sum() <= len(values) / 2:
            return _number(name, series, values[~is_text].infer_objects(), tuple(sorted(texts.index)))
    if values.nunique() <= min(50, len(values) / 2):
        return Column(
            name, "category", _sorted(values.unique()), dtype=str(series.dtype), warnings=("numbers and text mixed",)
        )
    shown = ", ".join(f"{text!r} ({count}x)" for text, count in texts[:5].items())
    raise Unfit(f"{is_text.sum():,} texts among its numbers, such as {shown}: make them numbers, or missing (NaN)")


def _text(name, series, values):
    """A column of text."""
    counts = values.value_counts()
    texts, dtype, full = [str(text) for text in counts.index], str(series.dtype), len(values) == len(series)
    found = words.personal(name, texts)
    if found:
        return Column(name, "text", dtype=dtype, warnings=(f"{found}: left out",))
    if len(texts) == 1:
        return Column(name, "constant" if full else "category", () if full else tuple(texts), dtype=dtype)
    pair = words.no_yes(texts)
    if pair:
        return Column(name, "boolean", pair, dtype=dtype)
    date = _written_date(name, dtype, counts)
    if date:
        return date
    if len(texts) == len(values) >= 10 and full and _are_codes(name, texts):
        return Column(name, "id", dtype=dtype)
    wordy = len(texts) > 20 and np.mean([text.count(" ") for text in texts]) >= 5
    if len(texts) > MAX_LEVELS or (len(texts) > len(values) / 2 and len(values) >= 20) or wordy:
        return _many(name, series, values)
    return Column(name, "category", tuple(sorted(texts)), dtype=dtype, warnings=_doubts(texts, len(texts)))


def _many(name, series, values):
    """A column with too many levels to learn."""
    texts = [str(text) for text in values.unique()]
    doubt = f"{len(texts):,} different values in {len(series):,} rows: taken as free text and left out"
    if sum(map(words.is_number, texts)) > 0.9 * len(texts):
        doubt += "; they look like numbers, pd.to_numeric makes them so"
    elif words.names_id(name) and _are_codes(name, texts):
        return Column(name, "id", dtype=str(series.dtype), warnings=("ids that occur several times",))
    return Column(name, "text", dtype=str(series.dtype), warnings=(doubt,))


def _are_codes(name, texts):
    """Whether texts, all different, look like codes of a register rather than words."""
    short = sum(len(text) <= 40 and not any(map(str.isspace, text)) for text in texts) == len(texts)
    shapes = {words.shape(text) for text in texts}
    fixed = len(shapes) == 1 or len({len(text) for text in texts}) == 1
    digits = sum(any(map(str.isdigit, text)) for text in texts)
    return short and (words.names_id(name) or (digits > 0.9 * len(texts) and (fixed or len(shapes) <= 4)))


def _written_date(name, dtype, counts):
    """The Column of dates written as text, or None."""
    texts = [str(text) for text in counts.index]
    formats = words.date_formats([text for text in texts if not words.is_no_answer(text)], 0.8)
    if not formats:
        return None
    read = {pattern: words.times(texts, pattern) for pattern in formats}
    first = next(iter(read.values()))
    others = [pattern for pattern in formats if not read[pattern].equals(first)]
    best, doubts = formats[0], []
    if others:  # day and month can be told apart only by what varies
        monthly = [pattern for pattern in formats if read[pattern].dt.day.nunique() == 1]
        best = monthly[0] if len(monthly) == 1 and len(texts) > 2 else formats[0]
        doubts = [f"read as {best}; could be {next(p for p in formats if p != best)}: set the format that is right"]
    codes = [text for text, time in zip(texts, read[best], strict=True) if pd.isna(time)]
    if codes:
        if not (all(map(words.is_no_answer, codes)) or (len(codes) <= 5 and counts[codes].min() > 1)):
            raise Unfit(
                f"{counts[codes].sum():,} of its texts are no dates by {best} between 1678 and 2261, such as "
                f"{', '.join(map(repr, codes[:5]))}: mend them, or make them missing"
            )
        doubts.append(f"{', '.join(map(repr, codes))} taken as no answer; undo with missing=[]")
    step = _seconds(read[best].dropna())
    return Column(name, "date", missing=tuple(codes), dtype=dtype, step=step, format=best, warnings=tuple(doubts))


def _doubts(texts, n):
    """Warnings about the levels of a category."""
    doubts, alike = [], {}
    for text in texts:
        alike.setdefault(" ".join(text.lower().split()), []).append(text)
    same = next((group for group in alike.values() if len(group) > 1), None)
    if same:
        doubts.append(f"{same[0]!r} and {same[1]!r} differ only in capitals or spaces")
    silent = sorted(filter(words.is_no_answer, texts))
    if silent:
        doubts.append(f"{silent[0]!r} seems to be no answer: missing={silent} keeps it out of an order")
    formula = next(filter(words.is_formula, texts), None)
    if formula:
        doubts.append(f"{formula[:30]!r} is a formula to a spreadsheet")
    if words.sounds_ordered(texts):
        doubts.append("an answer scale? declare its order: kind='ordinal', levels=[lowest, ..., highest]")
    elif n > 2 and sum(any(map(str.isdigit, text)) for text in texts) > n / 2 and n <= 20:
        doubts.append("numbers or ranges as text: if they have an order, declare kind='ordinal' and its levels")
    if n > MANY:
        doubts.append(f"{n} levels: rare ones will be hard to learn")
    return tuple(doubts)


def _sorted(values):
    """Values as plain ones, by text; numbers by size before it."""
    return tuple(sorted(map(plain, values), key=lambda v: (isinstance(v, str), str(v) if isinstance(v, str) else v)))


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
        for name in names:
            problems += _misfits(df[name], types[name], strict) if name in types else []
    complain(where, problems)


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
    texts = found.map(lambda value: isinstance(value, str) or not _is_real(value)).astype(bool)
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
