"""Tables in Excel files (.xlsx), by openpyxl: the values that are stored, never formulas.

Formulas are not computed. A formula whose result was never stored is a complaint.
"""

import zipfile

from genlab.tables.reading import cells, delimited


def read(path, types, sheet=None, limit=2 * 10**9):
    """A frame from a sheet of an Excel file: (df, doubts, problems) as :func:`delimited.read` gives."""
    with open(path, "rb") as file:  # openpyxl goes by the name of a file otherwise
        return _read(file, types, sheet, limit)


def _read(file, types, sheet, limit):
    import openpyxl

    with zipfile.ZipFile(file) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > limit:
            raise cells.Unreadable(f"it unpacks to {unpacked / 1e9:.1f} GB, at most {limit / 1e9:g}: save it as CSV")
        formulas = any(_holds(archive, name, b"<f") for name in archive.namelist() if name.startswith("xl/worksheets/"))
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    try:
        name = _sheet(book, sheet)
        rows, places = _rows(book[name])
    finally:
        book.close()
    problems = _unstored(file, name, rows, places) if formulas else []
    if not rows:
        raise cells.Unreadable(f"the sheet {name!r} is empty")
    header, rows = [value.strip() if isinstance(value, str) else value for value in rows[0]], rows[1:]
    used = [
        place for place, name in enumerate(header) if name is not None or any(row[place] is not None for row in rows)
    ]
    header = [header[place] for place in used]
    header = [name if name is None or isinstance(name, int) else str(name) for name in header]
    if header and header[0] in (None, ""):
        header[0] = "rownames"
    problems += delimited.unfit_names(header, len(rows))
    if problems:
        return None, {}, problems
    columns = [[row[place] for row in rows] for place in used]
    texts = [{value for value in column if isinstance(value, str)} for column in columns]
    return delimited.frame(header, columns, places[1:], mark=cells.mark_of(texts, "."), types=types)


def _sheet(book, sheet):
    """The name of the sheet to read."""
    names = [found.title for found in book.worksheets]
    if sheet is None and len(names) > 1:
        names = [n for n in names if next(book[n].iter_rows(values_only=True), None) is not None] or names
    if sheet is None and len(names) == 1:
        return names[0]
    if isinstance(sheet, int) and not isinstance(sheet, bool) and 0 <= sheet < len(names):
        return names[sheet]
    if sheet in names:
        return sheet
    asked = f"no sheet {sheet!r}" if sheet is not None else f"{len(names)} sheets"
    raise cells.Unreadable(f"{asked}: choose one with sheet=, such as {', '.join(map(repr, names[:10]))}")


def _rows(sheet):
    """The rows that are not empty, all equally long, and their numbers in the sheet."""
    sheet.reset_dimensions()  # which a file may state wrongly
    rows, places = [], []
    for place, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if any(value is not None for value in row):
            rows.append(list(row))
            places.append(place)
    width = max(map(len, rows), default=0)
    return [row + [None] * (width - len(row)) for row in rows], places


def _unstored(file, name, rows, places):
    """A complaint about formulas without a stored value."""
    import openpyxl

    book = openpyxl.load_workbook(file, read_only=True)
    try:
        sheet = book[name]
        sheet.reset_dimensions()
        stored, found = dict(zip(places, rows, strict=True)), []
        for place, row in enumerate(sheet.iter_rows(), start=1):
            for at, cell in enumerate(row):
                if cell.data_type == "f" and (place not in stored or stored[place][at] is None):
                    found.append(cell.coordinate)
    finally:
        book.close()
    if not found:
        return []
    return [
        f"{len(found):,} formulas without a stored value, such as in {', '.join(found[:5])}: open the file in a "
        f"spreadsheet program and save it again"
    ]


def _holds(archive, name, what):
    """Whether a part of an archive holds `what`, read a piece at a time."""
    before = b""
    with archive.open(name) as part:
        while piece := part.read(1 << 20):
            if what in before + piece:
                return True
            before = piece[-len(what) :]
    return False
