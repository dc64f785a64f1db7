"""Tables in SPSS (.sav, .zsav) and Stata (.dta) files, by pyreadstat: values with what the file says they mean.

The frame holds the codes, the types hold their labels. SPSS states a measure: "ordinal" and "scale" are an order,
"nominal" is none. Stata states nothing, and codes in a row may be regions as well as degrees: no order is taken.
"""

import dataclasses
import datetime
import math

import pandas as pd

from genlab.tables.reading import cells, words
from genlab.tables.types import LEVELS, MAX_LEVELS, Column, plain

FEW = 30  # values of a column without labels that still is a scale by its measure


def read(path):
    """A file's frame and what it declares: (df, {name: facts}), facts being labels, missing and measure."""
    import pyreadstat

    reader = pyreadstat.read_dta if str(path).lower().endswith(".dta") else pyreadstat.read_sav
    _, meta = reader(str(path), metadataonly=True)
    size = path.stat().st_size * (1100 if path.read_bytes()[:4] == b"$FL3" else 1)  # zlib packs no tighter
    if (meta.number_rows or 0) * max(meta.number_columns, 1) > size:  # a cell takes a byte at least
        raise cells.Unreadable(
            f"it says that it has {meta.number_rows:,} rows, and is far too short for them: export it again"
        )
    df, meta = reader(str(path), user_missing=True)
    spss = meta.file_format != "dta"
    made = {name: _series(df[name], spss) for name in df}
    facts = {}
    for name, series in made.items():
        labels = {_whole(code): str(label) for code, label in meta.variable_value_labels.get(name, {}).items()}
        known = [*labels, *map(plain, series.dropna().unique())]
        ranges = meta.missing_ranges.get(name, [])
        coded = [code for code in known if any(_within(code, span) for span in ranges)]
        coded += [code for code in known if code in meta.missing_user_values.get(name, [])]
        measure = meta.variable_measure.get(name, "unknown") if spss else "unknown"
        facts[name] = dict(labels=labels, missing=tuple(dict.fromkeys(coded)), measure=measure)
    return pd.DataFrame(made), facts


def _series(series, spss):
    """A column as pyreadstat gives it, whole numbers as such and dates as dates."""
    kinds = {type(value) for value in series.dropna()} if series.dtype == object else set()
    if kinds and kinds <= {datetime.date, datetime.datetime}:
        return pd.to_datetime(series)
    if datetime.time in kinds:
        return series.map(lambda value: value.isoformat() if isinstance(value, datetime.time) else value)
    if pd.api.types.is_float_dtype(series.dtype):
        x = series.dropna()
        if len(x) and (x == x.round()).all() and x.abs().max() < 2**53:
            return series.astype("int64" if len(x) == len(series) else "Int64")
    if pd.api.types.is_string_dtype(series.dtype) and spss and not kinds - {str}:
        return series.where(series != "")  # SPSS has no empty cell of text
    return series


def _whole(code):
    """A code as a whole number where it is one."""
    code = plain(code)
    return int(code) if isinstance(code, float) and math.isfinite(code) and code == int(code) else code


def _within(code, span):
    low, high = span["lo"], span["hi"]
    return isinstance(code, str) == isinstance(low, str) == isinstance(high, str) and low <= code <= high


def declare(column, series, facts):
    """A guessed `column` as the file's own codebook has it.

    Parameters
    ----------
    column : Column
    series : pandas.Series
    facts : dict
        labels, missing and measure.
    """
    labels, missing, measure = facts["labels"], facts["missing"], facts["measure"]
    if column.kind in ("date", "text"):
        return dataclasses.replace(column, labels=labels)
    doubts = [doubt for doubt in column.warnings if "scale" not in doubt and "no answer" not in doubt]
    seen = [value for value in map(plain, series.dropna().unique()) if value not in missing]
    silent = [code for code, label in labels.items() if code not in missing and words.is_no_answer(label)]
    if silent and len(seen) > 1:
        doubts.append(f"{silent[0]!r} ({labels[silent[0]]}) taken as no answer by its label; undo with missing=")
        missing = (*missing, *silent)
        seen = [value for value in seen if value not in silent]
    codes = [code for code in labels if code not in missing]
    new = dict(labels=labels, missing=missing, warnings=tuple(doubts))
    levels = tuple(sorted({*codes, *seen}, key=lambda code: (isinstance(code, str), code)))
    few = 0 < len(levels) <= (MAX_LEVELS if codes else FEW) and all(not isinstance(v, float) for v in levels)
    if not few or column.kind == "id" or not seen:
        return _numbered(column, new)
    if set(seen) <= set(codes):
        return _labelled(column, new, levels, measure)
    if measure == "ordinal" and not any(isinstance(level, str) for level in levels):
        return dataclasses.replace(column, kind="ordinal", levels=levels, declared=True, **new)
    if measure == "nominal" and column.kind == "number":
        return dataclasses.replace(column, kind="category", levels=levels, declared=bool(codes), **new)
    return _numbered(column, new)


def _labelled(column, new, levels, measure):
    """A column all of whose values have labels."""
    if len(levels) == 2:
        pair = words.no_yes([new["labels"][level] for level in levels])
        if pair or set(levels) == {0, 1}:
            first = next((level for level in levels if pair and new["labels"][level] == pair[0]), levels[0])
            levels = tuple(sorted(levels, key=lambda level: level != first))
            return dataclasses.replace(column, kind="boolean", levels=levels, declared=True, **new)
    if measure in ("ordinal", "scale") and len(levels) > 2 and not any(isinstance(level, str) for level in levels):
        return dataclasses.replace(column, kind="ordinal", levels=levels, declared=True, **new)
    if measure == "unknown" and len(levels) > 2:
        new["warnings"] += ("the file states no order; if its codes have one, set kind='ordinal'",)
    return dataclasses.replace(column, kind="category", levels=levels, declared=True, **new)


def _numbered(column, new):
    """A column that keeps its guessed kind."""
    if column.kind in LEVELS:
        new["missing"] = tuple(code for code in new["missing"] if not isinstance(code, bool))
        kept = tuple(level for level in column.levels if level not in new["missing"])
        if kept:
            return dataclasses.replace(column, levels=kept, **new)
    return dataclasses.replace(column, **new) if column.kind != "constant" else Column(**vars(column) | new)
