"""Survey files as frames with types: text of any delimiter, decimal mark and encoding, Excel, SPSS, Stata, Parquet.

Nothing in a file is ever run or computed. A file that cannot be read as it stands is one complaint that lists
everything wrong, by line or column; nothing is repaired in silence.
"""

import dataclasses
import importlib.util
from pathlib import Path

import pandas as pd

from genlab.tables.reading import cells, codebooks, delimited, guessing, spreadsheets
from genlab.tables.types import Types, complain

LIMIT = 2 * 10**9  # bytes of a file, packed or not
MAGIC = {  # how files begin, whatever they are named
    b"PK\x03\x04": "xlsx",
    b"$FL2": "sav",
    b"$FL3": "sav",
    b"<stata_dta>": "dta",
    b"PAR1": "parquet",
}
FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an old or password-protected Office file: save it as .xlsx without a password",
    b"%PDF": "a PDF: export the table as CSV",
    b"\x1f\x8b": "a gzip archive: unpack it first",
    b"7z\xbc\xaf": "a 7z archive: unpack it first",
    b"<!DOCTYPE": "a web page: download the file itself",
    b"<html": "a web page: download the file itself",
    b'{"': "a JSON file: save the table as CSV",
    b"[{": "a JSON file: save the table as CSV",
    b"<?xml": "an XML file: save it as .xlsx or CSV",
}
LIBRARIES = {  # by kind of file: library, what for
    "xlsx": ("openpyxl", "Excel files"),
    "sav": ("pyreadstat", "SPSS files"),
    "dta": ("pyreadstat", "Stata files"),
    "parquet": ("pyarrow", "Parquet files"),
}


class ReadError(ValueError):
    """A file cannot be read as a table; the message lists everything wrong."""


def read(path, *, types=None, sheet=None):
    """Read a table from a file.

    Parameters
    ----------
    path : str or path
        CSV or other delimited text, .xlsx, .sav, .zsav, .dta or .parquet.
    types : Types, or path of a JSON file, optional
        What is known of the columns, or of some of them, as :meth:`Types.to_json` writes it. The others are guessed.
    sheet : str or int, optional
        Which sheet of an Excel file that has several.

    Returns
    -------
    df : pandas.DataFrame
    types : Types

    Raises
    ------
    ReadError
        A ValueError that names the file and lists every problem, by line or column.
    ModuleNotFoundError
        Where the file needs a library that is not there.
    """
    path = Path(path)
    declared = _declared(types)
    try:
        kind = _kind(path)
        df, doubts, facts, problems = _opened(kind, path, declared, sheet)
    except cells.Unreadable as error:
        problems = [str(error)]
    if not problems:
        df, columns, problems = _typed(df, doubts, facts, declared)
    if not problems:
        try:
            return df, Types(columns)
        except ValueError as error:
            problems = [line.strip() for line in str(error).splitlines()[1:]]
    _refuse(path, problems)


def _refuse(path, problems):
    """Raise the one complaint about a file."""
    try:
        complain(str(path), problems)
    except ValueError as error:
        raise ReadError(str(error)) from None


def _declared(types):
    """What was declared, as {name: Column}."""
    if types is None or isinstance(types, Types):
        return dict(types or {})
    path = Path(types)
    try:
        if path.stat().st_size > 10**8:
            raise ValueError("more than 100 MB: this is not a table of types")
        return dict(Types.from_json(path.read_text("utf-8-sig")))
    except (OSError, ValueError) as error:
        _refuse(path, [str(error)])


def _kind(path):
    """Which kind of file this is, by its first bytes."""
    if not path.exists():
        raise cells.Unreadable("there is no such file")
    if not path.is_file():
        raise cells.Unreadable("this is a folder, not a file")
    size = path.stat().st_size
    if size > LIMIT:
        raise cells.Unreadable(f"{size / 1e9:.1f} GB, at most {LIMIT / 1e9:g}: draw a sample of its rows first")
    with path.open("rb") as file:
        start = file.read(64)
    for magic, what in FOREIGN.items():
        if start.lstrip(b"\xef\xbb\xbf \r\n").lower().startswith(magic.lower()):
            raise cells.Unreadable(f"this is {what}")
    kind = next((kind for magic, kind in MAGIC.items() if start.startswith(magic)), None)
    if kind is None and path.suffix.lower() in (".xlsx", ".sav", ".zsav", ".parquet"):
        raise cells.Unreadable(
            f"it does not begin as a {path.suffix} file does: broken, or another format by that name"
        )
    kind = kind or ("dta" if path.suffix.lower() == ".dta" else "text")
    if kind in LIBRARIES and importlib.util.find_spec(LIBRARIES[kind][0]) is None:
        library, purpose = LIBRARIES[kind]
        raise ModuleNotFoundError(
            f'{purpose} are read by {library}, which is not installed: pip install "genlab[files]"'
        )
    return kind


def _opened(kind, path, declared, sheet):
    """A file's frame, doubts by column, facts by column, and problems."""
    try:
        return _READERS[kind](path, declared, sheet)
    except cells.Unreadable:
        raise
    except Exception as error:  # of a broken file these libraries raise whatever comes
        if kind == "text":
            raise
        why = f"{type(error).__name__}: {error}"[:300]
        raise cells.Unreadable(f"this .{kind} file is broken or cut short ({why}): export it again") from None


def _text(path, declared, sheet):
    df, doubts, problems = delimited.read(path.read_bytes(), declared)
    return df, doubts, {}, problems


def _excel(path, declared, sheet):
    df, doubts, problems = spreadsheets.read(path, declared, sheet, LIMIT)
    return df, doubts, {}, problems


def _codebook(path, declared, sheet):
    df, facts = codebooks.read(path)
    return df, {}, facts, []


def _parquet(path, declared, sheet):
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
        if size > LIMIT:
            raise cells.Unreadable(f"it unpacks to {size / 1e9:.1f} GB, at most {LIMIT / 1e9:g}: draw a sample first")
        file.read().validate(full=True)  # broken text would fail only where it is used
    return pd.read_parquet(path, engine="pyarrow"), {}, {}, []


_READERS = {"text": _text, "xlsx": _excel, "sav": _codebook, "dta": _codebook, "parquet": _parquet}


def _typed(df, doubts, facts, declared):
    """The frame in its declared dtypes, the Column of each column, and all problems."""
    problems = [f"column {name!r}: declared in types, but not in the file" for name in declared if name not in df]
    known = [name for name in df if name in declared]
    if known and not problems:
        problems += guessing.misfits(df[known], declared)
    if not problems:
        for name in known:
            dtype = guessing.pandas_dtype(declared[name])
            try:
                if pd.api.types.is_bool_dtype(dtype) and not pd.api.types.is_bool_dtype(df[name].dtype):
                    raise ValueError("its cells are not True and False")  # pandas takes any text for True
                df[name] = df[name].astype(dtype)
            except (TypeError, ValueError, OverflowError) as error:
                problems.append(f"column {name!r}: cannot be made {declared[name].dtype}: {error}")
    guessed, more = guessing.examine(df)
    wrong = [problem for problem in more if not any(problem.startswith(f"column {name!r}:") for name in declared)]
    columns = []
    for column in guessed:
        if column.name in declared:
            columns.append(declared[column.name])
            continue
        if column.name in facts:
            column = codebooks.declare(column, df[column.name], facts[column.name])
        columns.append(dataclasses.replace(column, warnings=(*column.warnings, *doubts.get(column.name, ()))))
    columns += [declared[name] for name in known if name not in {column.name for column in guessed}]
    order = {name: place for place, name in enumerate(df)}
    return df, sorted(columns, key=lambda column: order[column.name]), problems + wrong
