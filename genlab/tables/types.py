"""What each column of a table is: the one declaration that reading, models, scores and attacks all go by.

A guess is only a guess: the order of an answer scale cannot be read off its words, and a number may be a code. So the
table of types is shown, warns where it is unsure, and is edited with :meth:`Types.set`.
"""

import collections.abc
import dataclasses
import html
import json
import math
import numbers

KINDS = {
    "number": "whole or decimal numbers; common values stay values, the rest become ranges",
    "date": "days or times",
    "ordinal": "levels in an order that the file or you have declared",
    "category": "levels without order",
    "boolean": "yes or no",
    "id": "a different value in each row: made anew, never copied",
    "constant": "the same value in every row",
    "text": "free text: left out of synthetic tables",
}
LEVELS = ("ordinal", "category", "boolean")  # kinds that have levels
MAX_LEVELS = 1000  # of one column: more is text, an id or a number


@dataclasses.dataclass(frozen=True)
class Column:
    """What one column is.

    Parameters
    ----------
    name : str or int
        Its label in the frame.
    kind : str
        One of `KINDS`.
    levels : tuple
        The values of an ordinal (lowest first), category or boolean column, as they stand in the frame.
    missing : tuple
        Values that stand for a kind of no answer, such as -8 or "don't know". They are kept as answers of their own
        and take no part in order or arithmetic. An empty cell needs no entry here.
    labels : dict
        What values mean, where a file says so.
    declared : bool
        Whether levels come from a codebook or from you. Declared levels are public: rare ones are kept. Levels merely
        seen in the rows are protected when they are rare.
    dtype : str
        The pandas dtype that a synthetic column gets.
    step : float
        Least difference between two values: 1 for whole numbers, 0.01; of a date in seconds (86400 for days).
    format : str
        How a date is written, where the frame holds it as text (a strftime pattern).
    range : tuple
        Least and greatest number that the question allows, (0, 7) for days of a week: declared by you, never read off the
        rows. Formal privacy needs it; no value is refused for lying outside.
    role : str
        "weight", "battery NAME", "check-all NAME", or nothing.
    warnings : tuple of str
        What the reader should look at.
    guessed : tuple of str
        Which of the above a guess read off the rows, and nobody has set since. Formal privacy takes none of them for granted.
    """

    name: str | int
    kind: str
    levels: tuple = ()
    missing: tuple = ()
    labels: dict = dataclasses.field(default_factory=dict)
    declared: bool = False
    dtype: str = "object"
    step: float = 1.0
    format: str = ""
    role: str = ""
    warnings: tuple = ()
    range: tuple = ()
    guessed: tuple = dataclasses.field(default=(), compare=False)

    def problems(self):
        """What is wrong with this declaration by itself, as a list of sentences."""
        name, found = f"column {self.name!r}", []
        if isinstance(self.name, bool) or not isinstance(self.name, str | int):
            found.append(f"{name}: its name must be text or a whole number")
        if self.kind not in KINDS:
            return [*found, f"{name}: kind={self.kind!r} must be one of {', '.join(KINDS)}"]
        if self.kind in LEVELS:
            if not self.levels:
                found.append(f"{name}: kind {self.kind!r} needs its levels, for example levels=['never', 'often']")
            if len(self.levels) > MAX_LEVELS:
                found.append(f"{name}: {len(self.levels):,} levels, at most {MAX_LEVELS:,}; declare it 'text' or 'id'")
        elif self.levels:
            found.append(f"{name}: kind {self.kind!r} has no levels; 'ordinal' and 'category' do")
        if self.kind == "ordinal" and not self.declared:
            found.append(f"{name}: an order must be declared: set its levels, lowest first")
        if self.kind == "boolean" and len(self.levels) > 2:
            found.append(f"{name}: kind 'boolean' has two levels, here are {len(self.levels)}: {list(self.levels)[:5]}")
        for what, values in (("levels", self.levels), ("missing", self.missing)):
            odd = [value for value in values if not is_plain(value)]
            found += [f"{name}: {what} holds {odd[0]!r}, must be text, finite numbers or booleans"] if odd else []
            if not odd and len(set(values)) < len(values):
                found.append(f"{name}: {what} names a value twice: {_twice(values)!r}")
        both = [value for value in self.levels if value in self.missing]
        if both:
            found.append(f"{name}: {both[0]!r} is both a level and a code for missing: take it out of one of them")
        if not (is_plain(self.step) and not isinstance(self.step, str | bool) and self.step > 0):
            found.append(f"{name}: step={self.step!r} must be a number above 0")
        found += [f"{name}: {problem}" for problem in _dtype_problems(self)]
        if self.range:
            ends = [end for end in self.range if is_plain(end) and not isinstance(end, str | bool)]
            if self.kind != "number":
                found.append(f"{name}: range={self.range!r} is for numbers; this is a column of kind {self.kind!r}")
            elif len(self.range) != 2 or len(ends) != 2 or not ends[0] < ends[1]:
                found.append(f"{name}: range={self.range!r} must be two numbers, the lower first, such as (0, 7)")
        return found


class Types(collections.abc.Mapping):
    """The types of a table's columns, by name, in the table's order.

    ``types["age"]`` is a :class:`Column`; ``types.set("age", kind="number")`` changes one; shown in a notebook it is a
    table.

    Raises
    ------
    ValueError
        One message that lists everything wrong.
    """

    def __init__(self, columns):
        columns = list(columns)
        names = [column.name for column in columns]
        problems = [problem for column in columns for problem in column.problems()]
        if len(set(names)) < len(names):
            problems.append(f"two columns are named {_twice(names)!r}: give each its own name")
        complain("types", problems)
        self._columns = {column.name: column for column in columns}

    def __getitem__(self, name):
        if name not in self._columns:
            raise KeyError(f"no column {name!r}; there are {', '.join(map(repr, self._columns))}")
        return self._columns[name]

    def __iter__(self):
        return iter(self._columns)

    def __len__(self):
        return len(self._columns)

    def __eq__(self, other):
        return isinstance(other, Types) and list(self.values()) == list(other.values())

    __hash__ = None

    def set(self, names, **changes):
        """Change the declaration of one column, or of several at once; returns these types.

        Parameters
        ----------
        names : str, int or list
        **changes
            kind, levels (lowest first for an ordinal column), missing, labels, dtype, step, format, range, role.

        Examples
        --------
        >>> types.set(["q1", "q2"], kind="ordinal", levels=["never", "sometimes", "often"], missing=["don't know"])
        """
        names = list(names) if isinstance(names, list | tuple) else [names]
        problems = [f"no column {name!r}; there are {', '.join(map(repr, self))}" for name in names if name not in self]
        known = {field.name for field in dataclasses.fields(Column)} - {"name", "warnings", "guessed"}
        problems += [f"{key}=: no such property; there are {', '.join(sorted(known))}" for key in set(changes) - known]
        for key in ("levels", "missing", "range"):
            if isinstance(changes.get(key), str) or not hasattr(changes.get(key, ()), "__iter__"):
                problems.append(f"{key}={changes[key]!r}: give a list, such as [{changes[key]!r}]")
        complain("types.set", problems)
        changes |= {key: tuple(map(plain, changes[key])) for key in ("levels", "missing", "range") if key in changes}
        if changes.get("kind", "number") not in LEVELS:
            changes.setdefault("levels", ())
        if changes.get("kind", "number") != "number":
            changes.setdefault("range", ())
        if "levels" in changes and changes["levels"]:
            changes.setdefault("declared", True)
        rest = {name: tuple(key for key in self[name].guessed if key not in changes) for name in names}
        new = {name: dataclasses.replace(self[name], warnings=(), guessed=rest[name], **changes) for name in names}
        complain("types.set", [problem for column in new.values() for problem in column.problems()])
        self._columns |= new
        return self

    @property
    def warnings(self):
        """All warnings, each beginning with its column's name."""
        return [f"{column.name}: {warning}" for column in self.values() for warning in column.warnings]

    def frame(self):
        """The table of types as a DataFrame of text, one row a column."""
        import pandas as pd

        rows = [
            {
                "name": str(column.name),
                "kind": column.kind,
                "order": "yes" if column.kind in ("ordinal", "number", "date") else "",
                "levels": _levels(column),
                "missing": ", ".join(map(str, column.missing)),
                "role": column.role,
                "warnings": "; ".join(column.warnings),
            }
            for column in self.values()
        ]
        return pd.DataFrame(rows, columns=["name", "kind", "order", "levels", "missing", "role", "warnings"])

    def __repr__(self):
        return self.frame().to_string(index=False, max_colwidth=60)

    def _repr_html_(self):
        frame = self.frame()
        head = "".join(f"<th style='text-align:left'>{html.escape(name)}</th>" for name in frame)
        body = "".join(
            "<tr>" + "".join(f"<td style='text-align:left'>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in frame.itertuples(index=False)
        )
        return (
            f"<table class='tex2jax_ignore mathjax_ignore'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def to_json(self):
        """The types as JSON text, for a file beside the data; :meth:`from_json` reads it."""
        rows = [dataclasses.asdict(column) for column in self.values()]
        for row in rows:
            row["labels"] = list(row["labels"].items())  # a key of JSON is text, a value of a survey may be a number
            for key in ("range", "guessed"):
                if not row[key]:
                    del row[key]  # files without one stay as they were
        return json.dumps({"genlab.tables.types": 1, "columns": rows}, ensure_ascii=False, allow_nan=False, indent=1)

    @classmethod
    def from_json(cls, text):
        """Types from JSON text, which may come from anybody: checked like any others."""
        try:
            found = json.loads(text)
            rows = found["columns"]
            if found["genlab.tables.types"] != 1 or not isinstance(rows, list) or len(rows) > 100_000:
                raise ValueError("not version 1")
            return cls(_column(row) for row in rows)
        except (KeyError, TypeError, AttributeError, RecursionError, json.JSONDecodeError) as error:
            raise ValueError(f"this is not a table of types as genlab writes them: {error}") from None


def _column(row):
    """A Column from its JSON."""
    right = dict(kind=str, declared=bool, dtype=str, format=str, role=str)
    wrong = [name for name, kind in right.items() if not isinstance(row.get(name), kind)]
    if wrong:
        raise TypeError(f"{', '.join(wrong)} of column {row.get('name')!r} is not what it can be")
    row = row | {name: tuple(row[name]) for name in ("levels", "missing")}
    row |= {name: tuple(row[name]) for name in ("range", "guessed") if name in row}
    row["warnings"] = tuple(map(str, row["warnings"]))
    row["labels"] = {plain(key): str(value) for key, value in row["labels"]}
    return Column(**row)


def _dtype_problems(column):
    """Why values of a column's kind cannot have its dtype, as a list of sentences."""
    import numpy as np
    import pandas as pd

    try:
        dtype = pd.api.types.pandas_dtype(column.dtype)
    except (TypeError, ValueError, ImportError):
        return [f"dtype={column.dtype!r} is none that pandas knows; numbers have 'int64' or 'float64', text has 'str'"]
    if column.kind != "number":
        return []
    if pd.api.types.is_bool_dtype(dtype) or dtype.kind in "cmM":
        return [f"dtype={column.dtype!r} cannot hold numbers; 'int64' or 'float64' can"]
    whole = np.iinfo(dtype.name.lower()) if pd.api.types.is_integer_dtype(dtype) and "[" not in dtype.name else None
    ends = [end for end in column.range if isinstance(end, numbers.Real)]
    if whole and ends and not whole.min <= min(ends) <= max(ends) <= whole.max:
        return [f"range={column.range!r} does not fit into dtype={column.dtype!r}; 'int64' has more room"]
    return []


def plain(value):
    """`value` as Python's own text, number or boolean, where NumPy's or pandas' stands for one."""
    return value.item() if hasattr(value, "item") and not isinstance(value, str) else value


def is_plain(value):
    """Whether `value` is text, a boolean, or a finite number of Python's own."""
    return isinstance(value, bool | str) or (isinstance(value, numbers.Real) and math.isfinite(value))


def complain(where, problems):
    """Raise one ValueError that lists all problems, if there are any."""
    if problems:
        raise ValueError(f"{where}: {len(problems)} problem(s)\n  " + "\n  ".join(problems))


def _twice(values):
    return next(value for i, value in enumerate(values) if value in values[:i])


def _levels(column):
    if column.kind not in LEVELS:
        within = f" from {column.range[0]:g} to {column.range[1]:g}" if column.range else ""
        return {"number": ("whole" if column.step == 1 else f"steps of {column.step:g}") + within}.get(column.kind, "")
    shown = [str(column.labels.get(value, value)) for value in column.levels[:8]]
    more = len(column.levels) - len(shown)
    return (" < " if column.kind == "ordinal" else ", ").join(shown) + (f" (and {more} more)" if more > 0 else "")


def whole(name, value, low, high):
    """A list with what is wrong, where `value` is no whole number from low to high; else an empty one."""
    right = isinstance(value, numbers.Integral) and not isinstance(value, bool) and low <= value <= high
    return [] if right else [f"{name}={value!r}: must be a whole number from {low} to {high:,}"]
