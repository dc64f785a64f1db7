"""What an evaluation found, to look at, to write down and to draw."""

import dataclasses
import html
import json
import math

import pandas as pd

from genlab.files import whole
from genlab.tables.types import plain

SHOWN = ["value", "low", "high", "floor", "ceiling", "copy", "ideal"]


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class Report:
    """Scores of a synthetic table; shown in a notebook it is a table.

    Attributes
    ----------
    scores : DataFrame
        One row a score: section (fidelity, utility, leaks), value with its 95 % interval low to high; the same score of
        shuffled columns (floor), rows held out (ceiling) and training rows (copy) in place of the synthetic rows;
        ideal, meaning, and blind: the bad tables that it cannot catch.
    columns : DataFrame
        One row a column.
    pairs : DataFrame
        Pair trends, columns by columns.
    attacks : DataFrame
        One row an attack; empty where no rows were held out.
    answers : DataFrame
        One row an answer, real beside synthetic; empty without a target.
    facts : dict
        Sizes, settings, seconds and versions.
    warnings : list of str
    verdicts : dict
        "manager" and "lawyer": a few sentences each.
    shapes : dict
        For each column, the shares of its bins, real and fake.
    fairness : Fairness or None
        Gaps between groups, where a sensitive column was named.
    """

    scores: pd.DataFrame
    columns: pd.DataFrame
    pairs: pd.DataFrame
    attacks: pd.DataFrame
    answers: pd.DataFrame
    facts: dict
    warnings: list
    verdicts: dict
    shapes: dict = dataclasses.field(default_factory=dict)
    fairness: object = None

    @property
    def said(self):
        """Who is told what, in words."""
        return self.verdicts | ({} if self.fairness is None else {"groups": self.fairness.sentence()})

    def __repr__(self):
        table = self.scores[SHOWN].to_string(float_format="{:.3f}".format, na_rep="")
        said = "\n".join(f"{who}: {text}" for who, text in self.said.items())
        notes = "".join(f"\n! {warning}" for warning in self.warnings)
        return f"{table}\n{said}{notes}"

    def _repr_html_(self):
        cell = lambda value: "" if value != value else f"{value:.3f}"
        head = "".join(f"<th>{name}</th>" for name in ["", *SHOWN])
        rows = "".join(
            f"<tr><th style='text-align:left' title='{html.escape(row['meaning'], quote=True)}'>{html.escape(str(name))}</th>"
            + "".join(f"<td>{cell(row[key])}</td>" for key in SHOWN)
            + "</tr>"
            for name, row in self.scores.iterrows()
        )
        said = "".join(f"<p><b>{html.escape(who)}:</b> {html.escape(text)}</p>" for who, text in self.said.items())
        notes = "".join(f"<li>{html.escape(warning)}</li>" for warning in self.warnings)
        return (
            f"<div class='tex2jax_ignore mathjax_ignore'><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            f"{said}<ul>{notes}</ul></div>"
        )

    def figure(self):
        """The scores as a matplotlib Figure."""
        from genlab.tables.reporting import report

        return report.figure(self)

    def to_html(self, path):
        """Write the report as one self-contained page."""
        from genlab.tables.reporting import report

        return report.write(self, path)

    def to_json(self, path=None):
        """The report as JSON text, or written to `path`; NaN becomes null."""
        tables = {name: getattr(self, name) for name in ("scores", "columns", "pairs", "attacks", "answers")}
        found = {name: [{"name": str(key), **row} for key, row in _rows(table)] for name, table in tables.items()}
        if self.fairness is not None:
            parts = {name: getattr(self.fairness, name) for name in ("gaps", "groups")}
            parts = {name: [{"name": str(key), **row} for key, row in _rows(table)] for name, table in parts.items()}
            found["fairness"] = parts | dict(refused=self.fairness.refused, sentence=self.fairness.sentence())
        found |= dict(facts=self.facts, warnings=self.warnings, verdicts=self.verdicts)
        text = json.dumps(
            {"genlab.tables.reporting.report": 1, **_clean(found)}, ensure_ascii=False, allow_nan=False, indent=1
        )
        if path is None:
            return text
        with whole(path, example="report.json") as part:
            part.write_text(text + "\n", "utf-8")
        return None


def _rows(table):
    return zip(table.index, table.rename(columns=str).to_dict("records"), strict=True)


def _clean(value):
    """`value` in JSON's own types."""
    if isinstance(value, dict):
        return {str(key): _clean(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(part) for part in value]
    value = plain(value)
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, str | bool | int | float) else str(value)
