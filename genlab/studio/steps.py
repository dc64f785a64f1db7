"""The steps of a studio that ask: which file, what its columns are, which models with which protection."""

import dataclasses
import tempfile
from pathlib import Path

import ipywidgets

from genlab.studio import fields
from genlab.studio.notice import Notice, told
from genlab.studio.plan import OPTIONS, WORDS, Line, options
from genlab.tables.reading.reading import read
from genlab.tables.reporting.markup import plain
from genlab.tables.synthesis.encoding import LEARNED
from genlab.tables.synthesis.synthesizer import METHODS
from genlab.tables.types import KINDS, LEVELS, Types, complain

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".sav", ".zsav", ".dta", ".parquet")
UPLOAD = 100_000_000  # bytes of a file that comes through the page
BETWEEN = " | "
MOST = 200  # columns that a form has lines for


class FileStep:
    """Choose a file: sent from the browser, or by its path. ``chosen(source, df, types)`` is called with what was read."""

    def __init__(self, chosen):
        self.chosen, self.notice = chosen, Notice()
        self.upload = ipywidgets.FileUpload(accept=",".join(ENDINGS), multiple=False, description="Choose a file")
        self.upload.observe(lambda change: self._sent(), "value")
        wide = ipywidgets.Layout(width="32em", max_width="100%")
        self.path = ipywidgets.Text(description="or its path", placeholder="survey.csv", layout=wide)
        self.read = fields.button("Read", self.by_path)
        text = (
            f"{', '.join(ENDINGS)}. The file stays on this machine. Servers often refuse to take more than 10 MB through the "
            "page: give the path of a larger file."
        )
        parts = [fields.heading(1, "The file", text), fields.row(self.upload, self.path, self.read), self.notice]
        self.box = fields.box(parts, "genlab-step")

    def by_path(self):
        path = Path(self.path.value.strip())
        self._take(str(path), lambda: read(path)) if path.name else self.notice.say(error="Give the path of a file.")

    def _sent(self):
        """Read what the browser has sent, from a file of its own that is gone at once."""
        value = self.upload.value
        if not value:
            return
        if isinstance(value, dict):  # ipywidgets 7
            ((name, sent),) = list(value.items())[-1:]
        else:
            sent = value[-1]
            name = sent["name"]
        data = bytes(sent["content"])
        if len(data) > UPLOAD:
            limit = f"{len(data) / 1e6:.0f} MB, at most {UPLOAD / 1e6:.0f} MB through the page; give its path"
            return self.notice.say(error=f"{plain(name)}: {limit}")
        ending = Path(name).suffix.lower()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"file{ending if ending in ENDINGS else '.csv'}"
            path.write_bytes(data)
            self._take(Path(name).name, lambda: read(path), str(path))

    def _take(self, name, reading, hidden=None):
        try:
            df, types = reading()
            complain(name, [f"{len(types)} columns, at most {MOST} fit in this form"] if len(types) > MOST else [])
            self.chosen(name, df, types)
        except Exception as error:  # one message, and the form goes on
            words = told(error)
            self.notice.say(error=words.replace(hidden, name) if hidden else words)
        else:
            self.notice.say(f"{plain(name)}: {len(df):,} rows, {df.shape[1]} columns.")


class TypesStep:
    """A line a column: kind, levels in their order, codes for no answer, and whether an attacker may know it."""

    def __init__(self):
        self.types, self.lines, self.notice = None, {}, Notice()
        self.grid = fields.box([], "genlab-grid")
        size = dict(style=fields.WIDE, layout=ipywidgets.Layout(width="30em", max_width="100%"))
        self.target = ipywidgets.Dropdown(description="column to predict", options=[("– none –", None)], **size)
        self.sensitive = ipywidgets.Dropdown(description="groups to compare", options=[("– none –", None)], **size)
        text = (
            "A guess is only a guess. The order of levels cannot be read off their words: choose <i>ordinal</i> and put them "
            f"lowest first, with <code>{BETWEEN.strip()}</code> between them. Tick what an attacker may know of a person."
        )
        head = [
            ("column and kind", "19em"),
            ("levels, lowest first", "22em"),
            ("no answer", "9em"),
            ("known", "8em"),
        ]
        head = [ipywidgets.Label(words, layout=ipywidgets.Layout(width=width)) for words, width in head]
        parts = [fields.heading(2, "What its columns are", text), fields.row(*head, head=True), self.grid]
        self.box = fields.box([*parts, fields.row(self.target, self.sensitive), self.notice], "genlab-step")

    def show(self, types):
        """Make the lines of a table."""
        self.types = types
        self.lines = {column.name: self._line(column) for column in types.values()}
        rows = []
        for column, line in zip(types.values(), self.lines.values(), strict=True):
            rows.append(fields.row(*line.values()))
            if column.warnings:
                rows.append(ipywidgets.Label(plain("look: " + "; ".join(column.warnings), 200)))
        self.grid.children = rows
        names = [("– none –", None), *((plain(c.name), c.name) for c in types.values() if c.kind in LEARNED)]
        for choice in (self.target, self.sensitive):
            choice.options, choice.value = names, None

    def _line(self, column):
        name, width = plain(column.name, 40), lambda em: ipywidgets.Layout(width=f"{em}em", max_width="100%")
        text = lambda words, values, em: fields.quiet(
            ipywidgets.Text(value=BETWEEN.join(map(str, values)), description=f"{words} of {name}", layout=width(em))
        )
        tick = ipywidgets.Checkbox(
            value=False, description=f"an attacker may know {name}", indent=False, layout=width(8)
        )
        return dict(
            kind=ipywidgets.Dropdown(
                options=list(KINDS),
                value=column.kind,
                description=name,
                style={"description_width": "9em"},
                layout=width(19),
            ),
            levels=text("levels", column.levels if column.kind in LEVELS else (), 22),
            missing=text("codes for no answer", column.missing, 9),
            known=fields.quiet(tick),
        )

    @property
    def keys(self):
        return [name for name, line in self.lines.items() if line["known"].value]

    def edited(self, df):
        """The types as edited, and the calls of ``types.set`` that made them; one ValueError for all that is wrong."""
        types, edits, problems = Types(self.types.values()), [], []
        for name, line in self.lines.items():
            old, kind = self.types[name], line["kind"].value
            changes = {} if kind == old.kind else dict(kind=kind)
            for key in ("levels", "missing"):
                before = getattr(old, key) if key == "missing" or old.kind in LEVELS else ()
                if line[key].value != BETWEEN.join(map(str, before)) and (key == "missing" or kind in LEVELS):
                    changes[key] = _values(line[key].value, old, df[name])
            if "kind" in changes and kind in LEVELS and "levels" not in changes:
                if kind == "ordinal":
                    problems.append(f"{name!r}: type its levels into the field, lowest first")
                    continue
                changes["levels"] = list(old.levels) or sorted(df[name].dropna().unique().tolist(), key=str)
                changes["declared"] = old.declared and bool(
                    old.levels
                )  # they were read off the rows: rare ones stay protected
            if changes:
                try:
                    types.set(name, **changes)
                    edits.append((name, changes))
                except ValueError as error:
                    problems += [part.strip() for part in str(error).splitlines()[1:]]
        complain("types", problems)
        return types, edits


def _values(text, column, series):
    """Values that stand in a field, as they stand in the frame."""
    known = {str(value): value for value in [*column.levels, *column.missing]}
    if not column.levels:
        known = {str(value): value for value in series.dropna().unique().tolist()} | known
    return [known.get(part.strip(), part.strip()) for part in text.split(BETWEEN.strip()) if part.strip()]


@dataclasses.dataclass
class Choice:
    """One line of the step of models."""

    method: str
    use: ipywidgets.Checkbox
    knobs: dict


class ModelStep:
    """A line a model: a tick, and its protections as this Synthesizer has them."""

    def __init__(self):
        self.choices, self.grid = [], fields.box([])
        self.more = ipywidgets.Dropdown(options=list(METHODS), description="one more of")
        add = fields.button("Add", lambda: self.add(self.more.value, use=True))
        number = lambda words, value, low, high: ipywidgets.BoundedIntText(
            value=value, min=low, max=high, description=words, style=fields.WIDE, layout=ipywidgets.Layout(width="22em")
        )
        self.rows, self.seed = number("rows to make", 1000, 1, 10**7), number("seed (random_state)", 0, 0, 2**31 - 1)
        self.held = number("percent held out", 50, 1, 99)
        self.escape = ipywidgets.Checkbox(
            value=True, indent=False, description="put ' before cells that a spreadsheet would compute"
        )
        self.escape.layout.width = "auto"
        text = (
            "Larger leaves blur more and copy less. A field left empty stays as it is shipped; a privacy budget has to be chosen "
            "(an epsilon of 1 is strict, 10 is weak). Rows held out are seen by no model: every score is measured with them."
        )
        parts = [fields.heading(3, "Models and protection", text), self.grid, fields.row(self.more, add)]
        self.box = fields.box([*parts, fields.row(self.rows, self.held, self.seed), self.escape], "genlab-step")
        for method in METHODS:
            self.add(method, use=method == "trees")
            if method == "trees":
                self.add(method, use=False, min_leaf="100")

    def add(self, method, *, use, **values):
        words = plain(f"{method} ({len(self.choices) + 1})")
        tick = ipywidgets.Checkbox(value=use, indent=False, description=f"{method}: {WORDS.get(method, '')}")
        tick.layout.width = "27em"
        knobs = {}
        for name in options(method):
            knobs[name] = ipywidgets.Text(
                value=values.get(name, ""), description=name, placeholder="needed" if OPTIONS[name].needed else "as shipped",
                layout=ipywidgets.Layout(width="15em"), style={"description_width": "5em"},
            )  # fmt: skip
        self.choices.append(Choice(method, tick, knobs))
        self.grid.children = [*self.grid.children, fields.row(tick, *knobs.values())]
        return words

    def lines(self):
        """What is ticked; one ValueError for all that is no number."""
        lines, problems = [], []
        for choice in self.choices:
            knobs = {}
            for name, field in choice.knobs.items():
                if text := field.value.strip():
                    try:
                        knobs[name] = OPTIONS[name].kind(text)
                    except ValueError:
                        problems.append(f"{choice.method}: {name}={text!r} ({OPTIONS[name].words}) must be a number")
            if choice.use.value:
                lines.append(Line(choice.method, knobs))
        complain("models", problems)
        return lines
