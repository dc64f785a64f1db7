"""Two columns of numbers, of a DataFrame or a CSV file, as points of the plane; what was left out is said in words.

Nothing is repaired in silence: gaps and rows beyond a cap are counted, everything else that is no number is refused.
CSV here is UTF-8 with points in its decimals. Files of other kinds are read by ``genlab.tables``.
"""

import csv
import math
import numbers
from pathlib import Path

import numpy as np

from genlab.rows import LARGEST, MAX_VALUES, is_whole

LIMIT = 50 * 10**6  # bytes of a file
DELIMITERS = ",;\t|"
SHOWN = 20  # names of columns that a message lists
BROKEN = "read it with df, types = gl.tables.read(path), which knows more kinds of file, and give df"


def two_columns(table, first, second, rows, seed):
    """Points (n, 2) in float64 of the columns `first` and `second`, and their source as text."""
    problems = [
        f"{name}={value!r}: must be a whole number from {low} to {high:,}"
        for name, value, low, high in (("rows", rows, 2, MAX_VALUES // 2), ("seed", seed, 0, 2**63 - 1))
        if not is_whole(value, low, high)
    ]
    names = _hashable((first, second))
    if names[0] == names[1]:
        problems.append(f"first and second are both {first!r}: a point needs two different columns")
    found, more = _found(table, dict.fromkeys(names))
    points = {name: _numbers(column) for name, column in found.items()}
    problems += more + [problem for name, values in points.items() for problem in _problems(name, values)]
    if not problems:
        x = np.stack([points[first], points[second]], 1)  # (n, 2)
        whole = x[~np.isnan(x).any(1)]
        if len(whole) < 2:
            problems.append(f"{len(whole)} of {len(x)} rows have both numbers: a model needs at least 2 to learn from")
    if problems:
        raise ValueError(f"columns: {len(problems)} problem(s)\n  " + "\n  ".join(problems))
    drawn = _drawn(whole, int(rows), int(seed))
    return drawn, _source(table, first, second, counts=(len(drawn), len(whole), len(x)), seed=seed)


def _hashable(names):
    """Names that can be looked up; a list, say, is no name and is found nowhere."""
    return [name if isinstance(name, str | int | float | tuple) else repr(name) for name in names]


def _found(table, names):
    """The columns that are there, as {name: Series}, and what is wrong with the others or with the table."""
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        places, problems = _places(list(table.columns), names)
        return {name: table.iloc[:, place] for name, place in places.items()}, problems
    if not isinstance(table, str | Path):
        return {}, [f"table is a {type(table).__name__}: must be a DataFrame, or the path of a CSV file"]
    try:
        return _read(Path(table), names)
    except UnicodeDecodeError:
        return {}, [f"{table} is not text in UTF-8: {BROKEN}"]
    except (OSError, ValueError, csv.Error) as error:  # pandas raises kinds of ValueError for a broken file
        return {}, [f"{table} cannot be read: {error}"[:300]]


def _read(path, names):
    """What :func:`_found` gives, of a file: only the columns asked for are kept."""
    import pandas as pd

    if not path.is_file():
        return {}, [f"{path}: there is no such file"]
    size = path.stat().st_size
    if size > LIMIT:
        return {}, [f"{path} has {size / 1e6:,.0f} MB, at most {LIMIT / 1e6:g}: take a sample of its rows first"]
    with path.open(encoding="utf-8-sig", newline="") as file:  # opened here: to pandas a path could be an address
        header, delimiter, problem = _outline(file, path)
        if problem:
            return {}, [problem]
        places, problems = _places(header, names)
        if not places:
            return {}, problems
        file.seek(0)
        kept = sorted(places.values())
        frame = pd.read_csv(
            file, sep=delimiter, header=0, usecols=kept, index_col=False, low_memory=False, skipinitialspace=True
        )
    return {name: frame.iloc[:, kept.index(place)] for name, place in places.items()}, problems


def _outline(file, path):
    """Header and delimiter of an open file, and its first row with more cells than names, where cells would shift."""
    start = next((line for line in file if line.strip()), "")
    delimiter = max(DELIMITERS, key=start.count)
    file.seek(0)
    reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
    header = next((row for row in reader if row), [])
    if not any(header):
        return header, delimiter, f"{path} is empty: its first row must hold the columns' names"
    for row in reader:
        if any(row[len(header) :]):
            return header, delimiter, (
                f"{path}, line {reader.line_num}: {len(row)} cells for {len(header)} columns split at {delimiter!r}: "
                f"quote cells that hold it, or {BROKEN}"
            )  # fmt: skip
    return header, delimiter, None


def _places(there, names):
    """Where each name stands among those that are there, and what is wrong with the others."""
    problems = []
    if missing := [name for name in names if name not in there]:
        more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
        listed = ", ".join(_short(name) for name in there[:SHOWN]) + more
        problems += [f"no column {name!r}; there are {listed}" for name in missing]
    problems += [
        f"{there.count(name)} columns are named {name!r}: rename all but one" for name in names if there.count(name) > 1
    ]
    return {name: there.index(name) for name in names if there.count(name) == 1}, problems


def _numbers(column):
    """A column as float64 (n,) with NaN for gaps; or (row, value), an example of what is no number."""
    import pandas as pd

    kinds = pd.api.types
    if kinds.is_numeric_dtype(column.dtype) and not kinds.is_complex_dtype(column.dtype):
        return column.to_numpy(dtype=float, na_value=math.nan)
    values, gaps = column.astype(object).to_numpy(), column.isna().to_numpy()
    wrong = [int(row) for row in np.flatnonzero(~gaps) if not isinstance(values[row], numbers.Real)]
    if wrong:
        row = next((row for row in wrong if not _reads_as_number(values[row])), wrong[0])  # "x" beside many "1.5"
        return row, values[row]
    array = np.full(len(values), math.nan)
    for row in np.flatnonzero(~gaps):
        try:
            array[row] = values[row]
        except OverflowError:  # a whole number beyond any float
            array[row] = math.inf
    return array


def _reads_as_number(value):
    try:
        return isinstance(value, str) and math.isfinite(float(value))
    except ValueError:
        return False


def _problems(name, values):
    if isinstance(values, tuple):
        row, value = values
        return [
            f"column {name!r} is not all numbers: row {row} holds {_short(value)} ({type(value).__name__}); "
            "take another column, or make it numbers first (pd.to_numeric)"
        ]
    wrong = np.abs(values) > LARGEST
    if wrong.any():
        return [
            f"column {name!r} has infinite or too large values (beyond {LARGEST:g}) in {int(wrong.sum())} of "
            f"{len(values)} rows (first: row {int(wrong.argmax())}): remove or rescale them"
        ]
    return []


def _drawn(x, rows, seed):
    """At most `rows` rows of x, drawn at random and kept in their order."""
    if len(x) <= rows:
        return x
    return x[np.sort(np.random.default_rng(seed).choice(len(x), rows, replace=False))]


def _source(table, first, second, *, counts, seed):
    taken, whole, there = counts
    where = f"{Path(table).name}, " if isinstance(table, str | Path) else ""
    text = f"{where}columns {first} and {second}; {taken:,} of {there:,} rows"
    if whole < there:
        text += f", {there - whole:,} with a gap left out"
    if taken < whole:
        text += f", {whole - taken:,} not drawn (at random, seed {seed})"
    return text


def _short(value):
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
