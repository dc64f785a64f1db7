"""What a studio does, without a widget: a plan, how long it will take, its tables and reports, and the lines that repeat it.

Every step is a call that a reader could write, and :meth:`Plan.script` writes those calls down: run elsewhere with the same
versions, they give the same table bit for bit; but for "marginals", whose noise nobody may be able to make again.
"""

import dataclasses
import tempfile
import time
from pathlib import Path

from genlab.studio.worker import Cancelled
from genlab.tables import marking
from genlab.tables.evaluation.evaluation import LEAST_ROWS, evaluate
from genlab.tables.reporting.page import page
from genlab.tables.splitting import split
from genlab.tables.synthesis import margins, privacy
from genlab.tables.synthesis.synthesizer import NETWORKS, Synthesizer
from genlab.tables.types import complain

SAMPLE = (150, 400)  # rows of the two small runs from which the time is foretold, at most
EPOCHS = 40  # that a network takes, as foretold; it may stop earlier or go on to 200
FILES = {"table": "synthetic.csv", "report": "report.html", "script": "synthetic.py", "card": "synthetic.csv.card.json"}
MIMES = {"table": "text/csv", "report": "text/html", "script": "text/x-python", "card": "application/json"}


@dataclasses.dataclass(frozen=True)
class Option:
    """A protection of a Synthesizer, as a form asks for it."""

    words: str
    kind: type
    methods: tuple  # that it works on
    needed: bool = False


PRIVATE = ("marginals",)
OPTIONS = {  # knob: what it is
    "min_leaf": Option("least rows in a leaf", int, ("trees",)),
    "rare": Option("hide values of fewer rows", int, ("trees", "independent", *NETWORKS)),
    "epsilon": Option("privacy budget", float, PRIVATE, needed=True),
    "delta": Option("chance that epsilon may fail, far below 1 / rows", float, PRIVATE, needed=True),
}
WORDS = {
    "trees": "quick, and mostly the best likeness",
    "independent": "columns by themselves: the floor",
    "autoregressive": "a network in place of trees; slow",
    "vae": "a network that draws a code; slow",
    "gan": "a network against a judge; slow",
    "marginals": "noisy counts with a privacy budget",
}


def options(method):
    """Names of the protections of a method."""
    return [name for name, option in OPTIONS.items() if method in option.methods]


@dataclasses.dataclass(frozen=True)
class Line:
    """One model to be made: a method and its knobs."""

    method: str
    knobs: dict

    @property
    def name(self):
        return ", ".join([self.method, *(f"{knob}={value!r}" for knob, value in self.knobs.items())])

    @property
    def learns(self):
        """Whether it learns by epochs."""
        return self.method in NETWORKS

    @property
    def private(self):
        """Whether it makes a formal promise, which a known seed would break."""
        return self.method in PRIVATE

    def synthesizer(self, seed):
        return Synthesizer(self.method, **self.knobs, random_state=None if self.private else seed)

    def rehearsed(self):
        """The same with a budget that does for few rows; how long it takes does not hang on that."""
        budget = dict(epsilon=privacy.MOST_EPSILON, delta=1e-9)
        return dataclasses.replace(self, knobs=self.knobs | budget) if self.private else self


@dataclasses.dataclass(frozen=True)
class Made:
    """One finished model: its table, its report, and seconds."""

    line: Line
    model: object
    fake: object
    report: object
    seconds: float


@dataclasses.dataclass(frozen=True)
class Plan:
    """All that is chosen.

    Parameters
    ----------
    source : str or None
        Name of the file, None for a frame.
    types : Types
        As edited.
    edits : list of (column, changes)
        The calls of ``types.set`` that made them.
    lines : list of Line
    rows, seed, holdout, target, keys, sensitive : optional
        Of the calls of the same names.
    escape_formulas : bool
    declared : str, optional
        JSON of types that came with a frame.
    """

    source: str | None
    types: object
    edits: list
    lines: list
    rows: int
    seed: int = 0
    holdout: float = 0.5
    target: object = None
    keys: list = ()
    sensitive: object = None
    escape_formulas: bool = True
    declared: str | None = None

    def check(self, df):
        """Complain about everything that would stop the work later."""
        problems = [] if self.lines else ["models: choose at least one"]
        names = [line.name for line in self.lines]
        problems += [f"models: {name} is chosen twice" for name in sorted({n for n in names if names.count(n) > 1})]
        for line in self.lines:
            try:
                line.synthesizer(self.seed).check_knobs()
            except ValueError as error:
                problems += [f"{line.name}: {part.strip()}" for part in str(error).splitlines()[1:]]
            problems += [f"{line.name}: {part}" for part in margins.undeclared(self.types) if line.private]
        whole = 0 < self.holdout < 1 and min(round(self.holdout * len(df)), len(df) - round(self.holdout * len(df)))
        if not whole or whole < LEAST_ROWS:
            problems.append(
                f"{len(df)} rows with {self.holdout:.0%} held out: at least {LEAST_ROWS} rows are needed to learn from, and as "
                "many held out"
            )
        problems += [] if self.rows >= LEAST_ROWS else [f"rows={self.rows}: make at least {LEAST_ROWS}"]
        if self.sensitive is not None and self.target in (None, self.sensitive):
            problems.append("groups: gaps between groups need a column to predict, another one")
        complain("studio", problems)

    def run(self, df, tell):
        """Make everything, line by line: `tell` gets ("bar", line number, done, of, words) and ("made", Made)."""
        train, holdout = split(df, holdout=self.holdout, random_state=self.seed)
        for number, line in enumerate(self.lines):
            began, unit = time.perf_counter(), "epoch" if line.learns else "column"
            part = lambda done, of, number=number, unit=unit: tell("bar", number, done, of, f"{unit} {done} of {of}")
            model = line.synthesizer(self.seed).fit(train, types=self.types, progress=part)
            tell("bar", number, None, 1, "drawing rows, measuring, attacking ...")
            fake = model.sample(self.rows)
            spent = model.privacy_spent() if line.private else None
            report = evaluate(train, fake, holdout=holdout, types=self.types, privacy=spent, **self._asked())
            tell("made", Made(line, model, fake, report, time.perf_counter() - began))
            tell("bar", number, 1, 1, f"done in {time.perf_counter() - began:.0f} s")

    def _asked(self):
        return dict(target=self.target, keys=list(self.keys), sensitive=self.sensitive, random_state=self.seed)

    def foretell(self, df, tell):
        """Seconds by line, from two small runs each, and for one report: a dict.

        A network is judged by its first epochs, and taken to need 40; the rest by a straight line through two sizes.
        """
        train, holdout = split(df, holdout=self.holdout, random_state=self.seed)
        sizes = sorted({min(most, len(part)) for part in (train, holdout) for most in SAMPLE})[-2:]
        found, measured = {}, []
        for line in self.lines:
            tell("status", f"measuring on a few rows: {line.name} ...")
            found[line.name] = self._fit_seconds(line, train, sizes, tell)
        for n in sizes:
            tell("status", f"measuring on a few rows: a report on {n} of them ...")
            own, held = train.iloc[:n], holdout.iloc[:n]
            fake = Synthesizer("independent", random_state=self.seed).fit(own, types=self.types).sample(n)
            measured.append(_timed(lambda: evaluate(own, fake, holdout=held, types=self.types, **self._asked())))  # noqa: B023
        return found | {"each report": _line(sizes, measured, len(train))}

    def _fit_seconds(self, line, train, sizes, tell):
        seconds = []
        for n in sizes:
            ticks = []

            def tick(done, of, ticks=ticks):
                tell("status", f"measuring on a few rows: {line.name} ...")
                ticks.append(time.perf_counter())
                if line.learns and done == 3:
                    raise _Enough

            def fit(n=n, tick=tick):
                try:
                    model = line.rehearsed().synthesizer(self.seed).fit(train.iloc[:n], types=self.types, progress=tick)
                    model.sample(n)
                except _Enough:
                    pass

            whole = _timed(fit)
            seconds.append(whole if not line.learns else EPOCHS * (ticks[2] - ticks[0]) / 2)
        return _line(sizes, seconds, len(train))

    def script(self, line):
        """The Python lines that make this line's table and report again."""
        read = [f"df, types = tables.read({self.source!r})"]
        if self.source is None:
            kinds = f"tables.Types.from_json({self.declared!r})" if self.declared else "tables.guess(df)"
            read = ["# df is the DataFrame that was given to tables.studio", f"types = {kinds}"]
        sets = [
            f"types.set({name!r}, {', '.join(f'{key}={value!r}' for key, value in changes.items())})"
            for name, changes in self.edits
        ]
        knobs = "".join(f", {name}={value!r}" for name, value in line.knobs.items())
        knobs += "" if line.private else f", random_state={self.seed!r}"
        asked = ", ".join(f"{key}={value!r}" for key, value in self._asked().items())
        asked += ", privacy=model.privacy_spent()" if line.private else ""
        return "\n".join(
            [
                f"# genlab {_version()}: made by tables.studio",
                "from genlab import tables",
                "",
                *read,
                *sets,
                f"train, holdout = tables.split(df, holdout={self.holdout!r}, random_state={self.seed!r})",
                *(
                    ["# the noise is new each time: another table, and the budget is spent again"]
                    if line.private
                    else []
                ),
                f"model = tables.Synthesizer({line.method!r}{knobs}).fit(train, types=types)",
                f"fake = model.sample({self.rows!r})",
                f"report = tables.evaluate(train, fake, holdout=holdout, types=types, {asked})",
                "card = tables.card(fake, model, report=report)",
                f"tables.write_csv(fake, {FILES['table']!r}, card=card, escape_formulas={self.escape_formulas!r})",
                f"report.to_html({FILES['report']!r})",
                "",
            ]
        )

    def file(self, made, key):
        """The bytes of a file to take away: "table", "card", "report" or "script"."""
        if key == "script":
            return self.script(made.line).encode()
        if key == "report":
            return page(made.report).encode()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / FILES["table"]
            card = marking.card(made.fake, made.model, report=made.report)
            beside = marking.write_csv(made.fake, path, card=card, escape_formulas=self.escape_formulas)
            return (path if key == "table" else beside).read_bytes()


class _Enough(Cancelled):
    """The first epochs of a network are measured."""


def _version():
    from genlab import __version__

    return __version__


def _timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _line(sizes, seconds, n):
    """Seconds at n rows, by a straight line through what was measured."""
    slope = 0.0
    if len(sizes) > 1 and sizes[-1] > sizes[0]:
        slope = max(0.0, (seconds[-1] - seconds[0]) / (sizes[-1] - sizes[0]))
    return seconds[-1] + slope * (n - sizes[-1])


def spelled(seconds):
    """Seconds as people say them."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def foretold(found, lines):
    """The sentence before the start, and the seconds it names."""
    each = found["each report"]
    total = sum(found[line.name] for line in lines) + each * len(lines)
    parts = ", ".join(f"{line.name} {spelled(found[line.name])}" for line in lines)
    slow = any(line.learns for line in lines)
    note = f" A network is taken to need {EPOCHS} epochs; it may stop earlier, or take up to five times as long." * slow
    return f"This will take about {spelled(total)}: {parts}, and {spelled(each)} for each report.{note}", total
