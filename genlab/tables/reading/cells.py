"""The cells of a file's column made a pandas column: which are empty, which are numbers, by which decimal mark.

A column becomes numbers only where nothing is lost: codes with zeros in front, ranges (5+) and numbers of more than 15
digits stay text, and so do dates, which types describe by their format.
"""

import datetime
import re

import pandas as pd

from genlab.tables.reading import words
from genlab.tables.types import LEVELS

EMPTY = {"", "NA", "NaN", "nan", "NULL", "null", "<NA>", "#NULL!"}
ERRORS = {"#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"}  # what spreadsheets leave where a formula failed
MAX_CODES = 20  # different words among numbers
_WHOLE = r"0|[1-9]\d*|[1-9]\d{{0,2}}(?:[{0} \u00a0\u202f'’]\d{{3}})+"
_POWER = r"(?:[eE][+-]?\d+)?"
_BY_MARK = {
    ".": re.compile(rf"[+-]?(?:(?:{_WHOLE.format(',')})(?:\.\d*)?|\.\d+){_POWER}|[+-]?inf(?:inity)?", re.IGNORECASE),
    ",": re.compile(rf"[+-]?(?:(?:{_WHOLE.format('.')})(?:,\d+)?|,\d+){_POWER}", re.IGNORECASE),
}


class Unreadable(ValueError):
    """A column, or a whole file, that cannot be read as it is; holds one sentence."""


def fits(text, mark):
    """Whether `text` is a number with this decimal mark, its thousands together or in groups."""
    return bool(_BY_MARK[mark].fullmatch(text))


def mark_of(columns, otherwise):
    """The decimal mark of a file from the texts of its columns; `otherwise` where nothing tells."""
    votes = {".": 0, ",": 0}
    for texts in columns:
        only = {mark: sum(fits(t, mark) and not fits(t, other) for t in texts) for mark, other in (".,", ",.")}
        for mark, other in (".,", ",."):
            votes[mark] += only[mark] > only[other]
    if votes["."] == votes[","]:
        return otherwise
    return max(votes, key=votes.get)


def number(text, mark):
    """The int or float that `text` is."""
    text = re.sub(r"[ \u00a0\u202f'’]", "", text)
    text = text.replace("," if mark == "." else ".", "").replace(",", ".")
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


def series(values, lines, *, mark, column=None):
    """A pandas column of a file's cells.

    Parameters
    ----------
    values : sequence
        Text as it stands in the file, None, or what a spreadsheet holds: numbers, booleans, dates.
    lines : sequence of int
        Where each stands, for messages.
    mark : str
        The file's decimal mark, "." or ",".
    column : Column, optional
        What was declared of it.

    Returns
    -------
    series : pandas.Series
    doubts : list of str

    Raises
    ------
    Unreadable
    """
    values = [None if value is None or (isinstance(value, str) and not value.strip()) else value for value in values]
    kinds = {type(value) for value in values} - {type(None)}
    if kinds and kinds <= {datetime.datetime, datetime.date}:
        return _dates(values), []
    if datetime.time in kinds:
        values = [value.isoformat() if isinstance(value, datetime.time) else value for value in values]
    elif kinds and not kinds <= {str, int, float}:
        return pd.Series(values, dtype=None if kinds != {bool} else "boolean" if None in values else "bool"), []
    different = dict.fromkeys(value for value in values if value is not None)
    empty, doubts = _empty({value for value in different if isinstance(value, str)})
    texts = [value for value in different if isinstance(value, str) and value not in empty]
    reals = [value for value in different if not isinstance(value, str)]
    values = [None if value in empty else value for value in values]
    if texts and not reals and _are_truths(texts, column):
        values = [value if value is None else value.strip().lower() == "true" for value in values]
        return pd.Series(values, dtype="boolean" if None in values else "bool"), doubts
    read = None if _stays_text(column) else _numbers(texts, reals, values, lines, mark, column, doubts)
    if read is None:
        return _text(values), doubts
    return _made([read.get(value, value) for value in values]), doubts


def _empty(texts):
    """Which of a column's different texts stand for an empty cell, and the doubts about it."""
    rest = texts - EMPTY - ERRORS
    empty, doubts = texts & EMPTY, []
    if len(rest) >= 5 and all(re.fullmatch("[A-Z]{2}", text) for text in rest) and "NA" in empty:
        empty, doubts = empty - {"NA"}, ["'NA' kept as one of the codes of two letters; is it an empty cell?"]
    if rest and all(fits(text, ".") or fits(text, ",") for text in rest - {"."}):
        empty |= texts & {"."}
    if texts & ERRORS:
        empty |= texts & ERRORS
        doubts.append(f"{min(texts & ERRORS)!r}, an error of a spreadsheet, read as empty")
    return empty, doubts


def _are_truths(texts, column):
    """Whether texts are booleans: as pandas writes them, or in any capitals where they are declared."""
    if column is None:
        return set(texts) <= {"True", "False"}
    declared = column.dtype.startswith("bool") or any(isinstance(level, bool) for level in column.levels)
    return declared and {text.strip().lower() for text in texts} <= {"true", "false"}


def _stays_text(column):
    """Whether a declaration says that the cells are text."""
    if column is None:
        return False
    if column.kind in LEVELS:
        return all(isinstance(level, str) for level in column.levels)
    return bool(column.format) or (
        column.kind in ("id", "text", "constant") and column.dtype in ("str", "object", "string")
    )


def _numbers(texts, reals, values, lines, mark, column, doubts):
    """Which of the different texts are numbers, as {text: number}; None where the column is text."""
    can = {mark: [text for text in texts if fits(text.strip(), mark)] for mark in ".,"}
    if texts and len({*can["."], *can[","]}) == len(texts) and len(texts) not in (len(can["."]), len(can[","])):
        point, comma = (min(set(can[a]) - set(can[b])) for a, b in (".,", ",."))
        raise Unreadable(
            f"decimal points and decimal commas are mixed, such as {point!r} and {comma!r}: use one of them"
        )
    if len(can["."]) != len(can[","]):
        mark = max(can, key=lambda mark: len(can[mark]))
    elif any(re.fullmatch(r"[+-]?\d{1,3}[.,]\d{3}", text) for text in can[mark]):
        text = next(text for text in can[mark] if re.fullmatch(r"[+-]?\d{1,3}[.,]\d{3}", text))
        doubts.append(f"{text!r} read as {number(text, mark)}, by a decimal {'point' if mark == '.' else 'comma'}")
    read = {text: number(text.strip(), mark) for text in can[mark]}
    broken = [text for text in read if re.fullmatch(r"\d,\d", text)]
    if mark == "," and broken and len(broken) == sum("," in text for text in read):
        doubts.append(f"{broken[0]!r} read as {read[broken[0]]}; or are these several answers in one cell?")
    if any(isinstance(value, int) and abs(value) >= 10**15 for value in read.values()):
        doubts.append("whole numbers of more than 15 digits: kept as text")
        return None
    if len(read) > 2 and not reals and all(re.fullmatch(r"(?:19|20)\d{6}", text) for text in texts):
        if words.times(texts, "%Y%m%d").notna().all():
            return None  # days written as 20240131: text with a format
    others = [text for text in texts if text not in read]
    if not others or (column is not None and set(others) <= set(column.missing)):
        return read
    return read if _are_codes(others, {*read.values(), *reals}, values, lines, column) else None


def _are_codes(others, numbers, values, lines, column):
    """Whether the words `others` among numbers are codes for no answer; otherwise the column is text."""
    if not numbers:
        return False
    asked = set(others)
    found = [(value, line) for value, line in zip(values, lines, strict=True) if value in asked]
    n_numbers = sum(value is not None for value in values) - len(found)
    plain = not any(any(map(str.isdigit, text)) for text in others)
    if len(others) <= MAX_CODES and n_numbers >= len(found) and plain:
        if all(map(words.is_no_answer, others)) or (len(numbers) > 10 and len(found) >= 2 * len(others)):
            return True
    rare = len(numbers) > 20 and n_numbers >= 0.9 * (len(found) + n_numbers)
    if column is None and rare and not _are_register({*numbers, *others}):
        shown = ", ".join(f"{value[:40]!r} in line {line}" for value, line in found[:5])
        raise Unreadable(
            f"{len(found):,} texts among its numbers, such as {shown}: mend them, or declare the column with types="
        )
    return False


def _are_register(values):
    """Whether numbers and texts look like codes of one register, such as 4711 and 47A1: all equally long."""
    lengths = {len(str(value)) for value in values}
    return len(lengths) == 1 and min(lengths) > 2 and not any(isinstance(value, float) for value in values)


def _made(values):
    """A column of numbers, and words among them, in the narrowest dtype that keeps all."""
    given = [value for value in values if value is not None]
    if not given:
        return pd.Series([float("nan")] * len(values), dtype="float64")
    if any(isinstance(value, str) for value in given):
        return pd.Series([float("nan") if value is None else value for value in values], dtype=object)
    if all(isinstance(value, int) for value in given):
        return pd.Series(values, dtype="int64" if len(given) == len(values) else "Int64")
    return pd.Series(values, dtype="float64")


def _text(values):
    """A column of text, numbers among it written out."""
    values = [value if value is None or isinstance(value, str) else str(value) for value in values]
    if all(value is None for value in values):
        return pd.Series([float("nan")] * len(values), dtype="float64")
    if int(pd.__version__.split(".")[0]) >= 3:
        return pd.Series(values, dtype="str")
    return pd.Series([float("nan") if value is None else value for value in values], dtype=object)


def _dates(values):
    return pd.to_datetime(pd.Series(values, dtype=object), errors="coerce")
