"""Tables in text files: encoding, delimiter, decimal mark and quotes are found from the file itself.

Goes by RFC 4180 (Shafranovich, 2005) and by what spreadsheets write besides. It repairs nothing: rows of another
length, names used twice and bytes that are no text are complaints with their lines.
"""

import codecs
import collections
import csv
import io
import itertools
import re

import pandas as pd

from genlab.tables.reading import cells
from genlab.tables.reading.checking import MAX_COLUMNS

DELIMITERS = ",;\t|"
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def read(data, types):
    """A frame from the bytes of a text file.

    Returns
    -------
    df : pandas.DataFrame
    doubts : dict
        Warnings by column name.
    problems : list of str
    """
    text, encoding = decoded(data)
    if not text.strip():
        raise cells.Unreadable("the file is empty")
    first = re.match(r"\s*sep=(.)\r?\n", text)  # what Excel writes and heeds
    text = text[first.end() :] if first else text
    delimiter = first[1] if first else _delimiter(text)
    rows, lines = _rows(text, delimiter)
    header, rows, problems = _shaped(rows, lines, delimiter)
    if problems:
        return None, {}, problems
    columns = list(zip(*rows, strict=True))
    mark = cells.mark_of([set(column) for column in columns], "." if delimiter == "," else ",")
    return frame(header, columns, lines[1:], mark=mark, types=types, foreign=encoding == "cp1252")


def frame(header, columns, lines, *, mark, types, foreign=False):
    """A frame of named columns of cells: (df, doubts, problems)."""
    made, doubts, problems = [], collections.defaultdict(list), []
    for name, values in zip(header, columns, strict=True):
        try:
            series, found = cells.series(values, lines, mark=mark, column=types.get(name))
            made.append(series)
            doubts[name] += found
        except cells.Unreadable as error:
            problems.append(f"column {name!r}: {error}")
        odd = next((v for v in values if isinstance(v, str) and not v.isascii()), None) if foreign else None
        if odd:
            doubts[name].append(f"not UTF-8, read as Windows-1252: is {odd[:30]!r} spelled right?")
    if problems:
        return None, {}, problems
    df = pd.concat(made, axis=1)
    df.columns = header
    return df, doubts, []


def decoded(data):
    """(text, encoding) of a file's bytes."""
    bom, encoding = next(((bom, name) for bom, name in _BOMS.items() if data.startswith(bom)), (b"", "utf-8"))
    start = data[:4000]
    if not bom and b"\0" in start:
        even, odd = start[::2].count(0), start[1::2].count(0)
        encoding = {True: "utf-16-le", False: "utf-16-be"}[odd > even] if max(even, odd) > len(start) / 8 else encoding
    data = data[len(bom) :]
    for name in (encoding, "cp1252") if encoding == "utf-8" else (encoding,):
        try:
            text = data.decode(name)
            break
        except UnicodeDecodeError as error:
            wrong = error
    else:
        line = data[: wrong.start].count(b"\n") + 1
        raise cells.Unreadable(
            f"line {line}: bytes that are no text ({data[wrong.start : wrong.end]!r}); save it as UTF-8"
        )
    odd = _CONTROL.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        raise cells.Unreadable(f"line {line}: the character {odd[0]!r}; this is no text file, or a broken one")
    return text, name


def _delimiter(text):
    """The delimiter by which most rows have as many cells as the header, and most cells."""
    start = text[:200_000]
    best, score, titled = None, (0, 0), None
    for delimiter in DELIMITERS:
        try:
            rows = list(itertools.islice(_reader(start, delimiter, strict=False), 200))
        except csv.Error:
            continue
        rows = [row for row in rows if row]
        rows = rows[:-1] if len(start) < len(text) and len(rows) > 2 else rows  # the last may be cut
        width = len(rows[0]) if rows else 0
        # A row with one cell more may have a name of its own or a delimiter at its end.
        alike = sum(len(row) in (width, width + 1) for row in rows[1:]) / max(len(rows) - 1, 1)
        if width > 1 and (alike or len(rows) == 1) and (alike, width) > score:
            best, score = delimiter, (alike, width)
        if width == 1 and len(rows) > 2 and len(rows[1]) > 1 and len(set(map(len, rows[1:]))) == 1 and _names(rows[1:]):
            titled = delimiter  # the complaint about unequal rows says so
    return best or titled or next((d for d in ";\t|," if d not in start), ";")


def _reader(text, delimiter, strict=True):
    spaced = len(re.findall(re.escape(delimiter) + " ", text[:20_000])) >= 0.9 * max(text[:20_000].count(delimiter), 1)
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, delimiter=delimiter, strict=strict, skipinitialspace=spaced and delimiter != "\t")


def _rows(text, delimiter):
    """All rows that are not blank, as lists of text, with the lines on which they end."""
    rows, lines, known = [], [], {}
    reader = _reader(text, delimiter)
    try:
        for row in reader:
            if row:
                rows.append([known.setdefault(cell, cell) for cell in row])  # equal texts are one object
                lines.append(reader.line_num)
    except csv.Error as error:
        start = lines[-1] + 1 if lines else 1
        raise cells.Unreadable(
            f"line {start}: {error}; a quotation mark that does not close, or one inside a text that should be doubled?"
        ) from None
    return rows, lines


def _shaped(rows, lines, delimiter):
    """(header, rows, problems) where all rows are as long as the header."""
    header, rows = [name.strip() for name in rows[0]], rows[1:]
    if rows and all(len(row) == len(header) + 1 for row in rows):
        if all(not row[-1].strip() for row in rows):  # a delimiter ends each line
            rows = [row[:-1] for row in rows]
        elif not _names(rows):  # R writes no name above its row names
            header = ["rownames", *header]
    while len(header) > 1 and not header[-1] and all(len(row) == len(header) and not row[-1].strip() for row in rows):
        header, rows = header[:-1], [row[:-1] for row in rows]
    problems = []
    ragged = [(line, len(row)) for line, row in zip(lines[1:], rows, strict=True) if len(row) != len(header)]
    if ragged:
        shown = ", ".join(f"line {line} has {n}" for line, n in ragged[:5]) + (", ..." if len(ragged) > 5 else "")
        mend = "quote cells that hold the delimiter"
        if len(ragged) > len(rows) / 2:
            mend = "is the first line a title? Delete what stands above the names of the columns"
        problems.append(
            f"{len(ragged):,} of {len(rows):,} rows do not have {len(header)} cells as the first line has, with "
            f"{delimiter!r} between them: {shown}; {mend}"
        )
    header[0] = header[0] or "rownames"  # pandas and R leave the name of row names empty
    return header, rows, problems + unfit_names(header, len(rows))


def _names(rows):
    """Whether the first of `rows` looks like the names of columns: text above numbers."""
    number = lambda text: cells.fits(text, ".") or cells.fits(text, ",")
    return any(not number(above) and all(map(number, below)) for above, *below in zip(*rows, strict=True) if below)


def unfit_names(header, n_rows):
    """What is wrong with the names in a file's first row, as a list of sentences."""
    if len(header) > MAX_COLUMNS:
        return [f"{len(header):,} columns, at most {MAX_COLUMNS:,}: keep those that you need"]
    problems = []
    nameless = [str(place + 1) for place, name in enumerate(header) if name in ("", None)]
    if nameless:
        problems.append(f"no name above column {', '.join(nameless[:10])}: the first row must name each column")
    counts = collections.Counter(name for name in header if name not in ("", None))
    problems += [
        f"column {name!r}: {n} columns have this name, give each its own" for name, n in counts.items() if n > 1
    ]
    names = [name for name in header if name not in ("", None, "rownames")]
    if names and all(cells.fits(str(name), ".") or cells.fits(str(name), ",") for name in names):
        problems.append(f"the first row holds numbers ({', '.join(map(str, names[:5]))}): it must name the columns")
    if not n_rows:
        problems.append("there are no rows below the names of the columns")
    return problems
