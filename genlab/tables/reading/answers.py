"""What columns of text are: categories, yes or no, dates, ids, free text."""

import numpy as np
import pandas as pd

from genlab.tables.reading import words
from genlab.tables.reading.amounts import Unfit, seconds
from genlab.tables.types import MAX_LEVELS, Column

MANY = 100  # levels: more get a warning


def text(name, series, values):
    """A column of text."""
    counts = values.value_counts()
    texts, dtype, full = [str(one) for one in counts.index], str(series.dtype), len(values) == len(series)
    date = _written_date(name, dtype, counts) if len(texts) > 1 else None
    if date:
        return date
    found = words.personal(name, texts)
    if found:
        return Column(name, "text", dtype=dtype, warnings=(f"{found}: left out",))
    if len(texts) == 1:
        return Column(name, "constant" if full else "category", () if full else tuple(texts), dtype=dtype)
    pair = words.no_yes(texts)
    if pair:
        return Column(name, "boolean", pair, dtype=dtype)
    signs = sum(map(words.is_amount, texts)) > 0.9 * len(texts)
    if len(texts) == len(values) >= 10 and full and not signs and _are_codes(name, texts):
        return Column(name, "id", dtype=dtype)
    wordy = len(texts) > 20 and np.mean([text.count(" ") for text in texts]) >= 5
    if len(texts) > MAX_LEVELS or (len(texts) > len(values) / 2 and len(values) >= 20) or wordy:
        return many(name, series, values)
    return Column(name, "category", tuple(sorted(texts)), dtype=dtype, warnings=level_doubts(texts, len(texts)))


def many(name, series, values):
    """A column with too many levels to learn."""
    texts = [str(text) for text in values.unique()]
    doubt = f"{len(texts):,} different values in {len(series):,} rows: taken as free text and left out"
    if sum(map(words.is_amount, texts)) > 0.9 * len(texts):
        doubt += f"; take the sign away from {texts[0]!r} and its like to have numbers"
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
        if len(codes) > 5 or not all(words.is_no_answer(code) or counts[code] > 1 for code in codes):
            raise Unfit(
                f"{counts[codes].sum():,} of its texts are no dates by {best} between 1678 and 2261, such as "
                f"{', '.join(map(repr, codes[:5]))}: mend them, or make them missing"
            )
        doubts.append(f"{', '.join(map(repr, codes))} taken as no answer; undo with missing=[]")
    step = seconds(read[best].dropna())
    return Column(name, "date", missing=tuple(codes), dtype=dtype, step=step, format=best, warnings=tuple(doubts))


def level_doubts(texts, n):
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
        order = words.by_size(texts)
        rest = sorted(set(texts) - set(order))
        doubts.append(f"an order? kind='ordinal', levels={order}" + (f", missing={rest}" if rest else ""))
    if n > MANY:
        doubts.append(f"{n} levels: rare ones will be hard to learn")
    return tuple(doubts)
