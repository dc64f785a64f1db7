"""A synthetic file that says what it is: written whole, a data card beside it, cells that run no formula.

Formulas are defused as OWASP advises
against CSV injection: an apostrophe before a cell that a spreadsheet would compute. That changes the cell, so it is done
only where asked for.
"""

import csv
import datetime
import hashlib
import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd

from genlab.files import whole
from genlab.tables.personal import Finding
from genlab.tables.types import LEVELS

DELIMITERS = {".csv": ",", ".tsv": "\t"}
_FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")  # the last four are the full-width forms
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|[.,]\d+)([eE][+-]?\d+)?\s?%?")


def is_formula(value):
    """Whether a spreadsheet may compute a cell: text that begins with = + - @, tab or a line's end, and is no number."""
    return isinstance(value, str) and _FORMULA.match(value) is not None and _NUMBER.fullmatch(value) is None


def formulas(df):
    """Cells and headers that a spreadsheet may compute: a list of Finding, as the scan for personal data gives."""
    found = [Finding(name, "begins like a formula", 1, 0) for name in df.columns if is_formula(name)]
    for i, name in enumerate(df.columns):
        hits = np.flatnonzero(_each(df.iloc[:, i], is_formula, False).to_numpy(dtype=bool))
        if len(hits):
            found.append(Finding(name, "begins like a formula", len(hits), int(hits[0]) + 1))
    return found


def neutralise(df):
    """A copy in which an apostrophe stands before each cell and header that a spreadsheet may compute.

    Plain numbers such as -3.5 stay; so does every cell that is no text.
    """
    df, names = df.copy(), []
    for name in df.columns:
        name = f"'{name}" if is_formula(name) else name
        while name in names:
            name = f"'{name}"
        names.append(name)
    columns = [
        _each(df.iloc[:, i], lambda value: f"'{value}" if is_formula(value) else value) for i in range(df.shape[1])
    ]
    df = pd.concat(columns, axis=1) if columns else df
    df.columns = names
    return df


def _each(values, change, rest=None):
    """`change` for each cell that can be text; `rest`, or the cells themselves, where none can."""
    if pd.api.types.is_numeric_dtype(values.dtype) or values.dtype.kind in "mM":
        return values if rest is None else pd.Series(rest, values.index)
    return values.astype(object).map(change)


def card(fake, synthesizer=None, *, report=None, findings=(), **more):
    """The data card of a synthetic table: what it is and what it is not.

    Parameters
    ----------
    fake : DataFrame
    synthesizer : Synthesizer, optional
        That made it.
    report : Report, optional
        Its scores, attacks and sentences go into the card.
    findings : list of Finding
    **more
        Further entries, such as ``evaluated="..."``.

    Returns
    -------
    dict
        Of what JSON can hold.
    """
    from genlab import __version__

    entries = {
        "genlab.tables.card": 1,
        "what": "SYNTHETIC table: its rows were drawn from a model of real rows. A row may equal a real one.",
        "made_by": f"genlab {__version__}",
        "made_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "rows": len(fake),
        "columns": [str(name) for name in fake.columns],
        "differentially_private": False,
        "looks_like_personal_data": [str(finding) for finding in findings],
    }
    if synthesizer is not None:
        entries |= _made(synthesizer)
    if report is not None:
        if entries["differentially_private"]:  # of the rows; what a report measures is worked out from real ones
            entries["not_private"] = ["scores", "attacks", "sentences", "warnings", "measured"]
        entries |= {
            "scores": _records(report.scores.drop(columns=["meaning", "blind"], errors="ignore")),
            "attacks": _records(report.attacks),
            "sentences": dict(report.verdicts),
            "warnings": list(report.warnings),
            "measured": report.facts,
        }
    return _jsonable(entries | more)


def _made(synthesizer):
    """How the rows were made, and what the synthesizer keeps out of them."""
    types, rare = synthesizer.types_, synthesizer.rare
    kinds = {kind: [str(name) for name, column in types.items() if column.kind == kind] for kind in ("id", "text")}
    seen = [str(name) for name, column in types.items() if column.kind in LEVELS and not column.declared]
    protected = {
        "trees": [f"answers are drawn from groups of at least {synthesizer.min_leaf_} real rows (min_leaf)"],
        "independent": ["columns are drawn one by one: no relation between them is kept"],
    }.get(synthesizer.method, [])  # of a network nobody knows what its weights remember
    protected += [f"numbers and dates that fewer than {rare} real rows share are only ever part of a range"]
    if seen:
        protected.append(
            f"levels that fewer than {rare} real rows hold, where no codebook declares them: {', '.join(seen)}"
        )
    if kinds["id"]:
        protected.append(f"ids are made anew: {', '.join(kinds['id'])}")
    parameters = {
        key: value for key, value in synthesizer.get_params().items() if key not in ("method", "random_state")
    }
    seed, private = synthesizer.random_state, {}
    if synthesizer.method == "marginals":
        spent, seed = synthesizer.privacy_spent(), "not told"  # it would take the noise away
        protected = [spent.sentence(), spent.free]
        private = {"differentially_private": True, "privacy": spent.to_json()}
    return private | {
        "method": synthesizer.method,
        "parameters": parameters
        | {"random_state": seed if isinstance(seed, int | str | None) else type(seed).__name__},
        "learned_from_rows": synthesizer.n_rows_,
        "left_out": [str(name) for name in synthesizer.left_out_],
        "protected": protected,
    }


def delimiter(path):
    """What stands between the cells of a file, after its name: .csv or .tsv."""
    ending = Path(path).suffix.lower()
    if ending not in DELIMITERS:
        raise ValueError(f"{path}: a synthetic table is written as {' or '.join(DELIMITERS)}: give such a name")
    return DELIMITERS[ending]


def write_csv(df, path, *, card, escape_formulas=False):
    """Write a synthetic table and its data card, both whole or not at all.

    Parameters
    ----------
    df : DataFrame
    path : str or Path
        Ends in .csv or .tsv. The card is the file beside it whose name has ``.card.json`` added.
    card : dict
        As :func:`card` makes it; the digest of the written file is added.
    escape_formulas : bool
        Put an apostrophe before cells that a spreadsheet may compute (:func:`neutralise`) and quotes around every text, so
        that no separator inside begins a new cell.

    Returns
    -------
    Path
        Of the card.
    """
    path, separator = Path(path), delimiter(path)
    beside = path.with_name(f"{path.name}.card.json")
    with whole(beside) as card_part, whole(path, example="synthetic.csv") as part:
        with open(part, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            made, quoting = (neutralise(df), csv.QUOTE_NONNUMERIC) if escape_formulas else (df, csv.QUOTE_MINIMAL)
            made.to_csv(file, index=False, sep=separator, quoting=quoting, lineterminator="\n")
        digest = hashlib.sha256(part.read_bytes()).hexdigest()
        entries = card | {"file": path.name, "sha256": digest, "formulas_escaped": bool(escape_formulas)}
        card_part.write_text(json.dumps(_jsonable(entries), ensure_ascii=True, allow_nan=False, indent=1), "utf-8")
    return beside


def _records(frame):
    return {
        " × ".join(map(str, key)) if isinstance(key, tuple) else str(key): row
        for key, row in frame.to_dict("index").items()
    }


def _jsonable(value):
    """`value` as JSON can hold it: no NaN, no NumPy, keys as text."""
    if isinstance(value, dict):
        return {str(key): _jsonable(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set):
        return [_jsonable(part) for part in value]
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)
