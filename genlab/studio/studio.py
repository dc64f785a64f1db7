"""The studio: from a file to a synthetic table, a report and the lines that repeat both, in a form.

It has nothing of its own to say: each step is a call of ``genlab.tables``. It trains beside the kernel's loop, keeps what is
finished when it is cancelled, and stores nothing; files are taken away by the reader, or written by :meth:`Studio.save`.
"""

from pathlib import Path

import ipywidgets

from genlab.files import whole
from genlab.studio import fields
from genlab.studio.comparing import compared
from genlab.studio.notice import LARGEST, Notice, told
from genlab.studio.plan import FILES, MIMES, Plan, foretold, spelled
from genlab.studio.steps import FileStep, ModelStep, TypesStep
from genlab.studio.worker import Cancelled, Worker
from genlab.tables.reading.checking import check
from genlab.tables.reading.guessing import guess
from genlab.tables.reporting.markup import plain
from genlab.tables.reporting.page import page

TAKE = [["show", "Show report"], ["report", "Report"], ["table", "Table"], ["card", "Card"], ["script", "Python"]]


class Studio:
    """The form, see :func:`studio`.

    Attributes
    ----------
    made : list of Made
        Finished models, each with ``fake`` and ``report``.
    df, types : DataFrame, Types
        What was read.
    """

    def __init__(self, df=None, types=None):
        self.df = self.types = self.source = self.declared = self.plan = None
        self._table = 0  # how many tables came so far
        self.made, self._times, self._total, self._began = [], None, None, 0.0
        self.worker = Worker(self._told, self._ended)
        self.file, self.columns, self.models = FileStep(self.take), TypesStep(), ModelStep()
        self.notice, self.results = Notice(), Notice(self._asked)
        self.ask = fields.button("How long will it take?", lambda: self.start(only_foretell=True))
        self.go = fields.button("Start", self.start, primary=True)
        self.stop = fields.button("Cancel", self.worker.cancel, disabled=True)
        buttons = ipywidgets.HBox([self.ask, self.go, self.stop])
        buttons.add_class("genlab-buttons")
        text = "Before it starts, a run on a few rows says how long it will take. Cancel keeps what is finished."
        learn = fields.box([fields.heading(4, "Learn and measure", text), buttons, self.notice], "genlab-step")
        text = (
            "Each score with its floor (columns shuffled) and ceiling (fresh real rows) in brackets; the bar is where it lies "
            "between them. No leak found is no proof that there is none."
        )
        look = fields.box([fields.heading(5, "Compare and take away", text), self.results], "genlab-step")
        self.later = [self.columns.box, self.models.box, learn, look]
        self.box = fields.box([self.file.box], "genlab-studio")
        if df is not None:
            types_ = guess(df) if types is None else types
            check(df, types_, where="studio")
            self.take(None, df, types_)
            self.declared = None if types is None else types.to_json()
            self.file.notice.say(
                f"A frame of {len(df):,} rows, {df.shape[1]} columns. Another file may take its place."
            )

    def take(self, source, df, types):
        """Begin with a table; work on the one before it ends."""
        self.worker.cancel()
        self._table, self.plan = self._table + 1, None
        self.columns.show(types)
        self.source, self.df, self.types, self.declared = source, df, types, None
        self.made, self._times, self.results.rows, self.results.frame = [], None, [], {}
        self.models.rows.value = max(len(df), 1)
        self.notice.say()
        self.box.children = [self.file.box, *self.later]

    def planned(self):
        """The Plan as the form stands; one ValueError for all that is wrong."""
        types, edits = self.columns.edited(self.df)
        check(self.df, types, where="types")
        models = self.models
        plan = Plan(
            self.source, types, edits, models.lines(), rows=models.rows.value, seed=models.seed.value,
            holdout=models.held.value / 100, target=self.columns.target.value, keys=self.columns.keys,
            sensitive=self.columns.sensitive.value, escape_formulas=models.escape.value, declared=self.declared,
        )  # fmt: skip
        plan.check(self.df)
        return plan

    def start(self, only_foretell=False):
        """What the buttons do: foretell, say so, and then begin."""
        self.notice.bars = []
        try:
            plan = self.planned()
        except ValueError as error:
            return self.notice.say(error=str(error))
        self._busy(True)
        if not only_foretell:
            self.plan, self.made, self.results.rows, self.results.frame = plan, [], [], {}
        df, times = self.df, self._times if self._times and self._times[0] == _asks(plan) else None

        def work(told, table=self._table):
            tell = lambda *what: told(table, *what)
            found = times[1] if times else plan.foretell(df, tell)
            tell("foretold", plan, found, only_foretell)
            if not only_foretell:
                plan.run(df, tell)

        self._seconds = 0.0
        self.worker.start(work)

    def save(self, folder, number=0):
        """Write table, card, report and script of a finished model to a folder; returns their paths."""
        if not self.made:
            raise ValueError("nothing is finished yet: press Start first")
        paths = {key: Path(folder) / name for key, name in FILES.items()}
        for key, path in paths.items():
            with whole(path) as part:
                part.write_bytes(self.plan.file(self.made[number], key))
        return list(paths.values())

    def _busy(self, busy):
        self.ask.disabled = self.go.disabled = busy
        self.stop.disabled = not busy

    def _told(self, table, what, *rest):
        if table != self._table:  # another one has come meanwhile
            return
        if what == "status":
            self.notice.say(rest[0])
        elif what == "foretold":
            plan, found, only = rest
            self._times = _asks(plan), found
            said, self._total = foretold(found, plan.lines)
            self.notice.say(said if only else f"{said} It has begun.")
            if not only:
                self.notice.bars = [dict(name=line.name, done=0, of=1, words="waits") for line in plan.lines]
        elif what == "bar":
            number, done, of, words = rest
            bars = list(self.notice.bars)
            bars[number] = bars[number] | dict(done=done, of=of, words=words)
            self.notice.bars = bars
        else:
            self.made.append(rest[0])
            self._seconds += rest[0].seconds
            self._compare()

    def _compare(self):
        head, cells = compared(self.made)
        self.results.head = head
        self.results.rows = [
            dict(name=plain(one.line.name), cells=row, files=TAKE) for one, row in zip(self.made, cells, strict=True)
        ]

    def _ended(self, error):
        self._busy(False)
        done = f"{len(self.made)} of {len(self.plan.lines)} models" if self.plan else "nothing"
        if isinstance(error, Cancelled):
            self.notice.bars = [bar for bar in self.notice.bars if bar["done"] == bar["of"]]
            return self.notice.say(f"Cancelled. What is finished is kept: {done}.")
        if error is not None:
            return self.notice.say(f"Stopped. What is finished is kept: {done}.", told(error))
        if self._seconds:
            self.notice.say(
                f"Done: {done}. It took {spelled(self._seconds)}; about {spelled(self._total)} were foretold. Compare below."
            )

    def _asked(self, row, key):
        """A file or a report was asked for in the page."""
        if not (0 <= row < len(self.made) and (key == "show" or key in FILES)):
            return
        one = self.made[row]
        try:
            if key == "show":
                self.results.frame = dict(title=f"Report: {plain(one.line.name)}", page=page(one.report))
                return
            data = self.plan.file(one, key)
            if len(data) > LARGEST:
                raise ValueError(
                    f"{len(data) / 1e6:.0f} MB, at most {LARGEST / 1e6:.0f} MB go through the page: in a cell, "
                    "studio.save('folder') writes it"
                )
            self.results.hand_over(FILES[key], MIMES[key], data)
            self.results.say(f"{FILES[key]} of {plain(one.line.name)} is on its way: {len(data):,} bytes.")
        except Exception as error:
            self.results.say(error=told(error))

    def _repr_mimebundle_(self, include=None, exclude=None):
        view = dict(version_major=2, version_minor=0, model_id=self.box.model_id)
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": repr(self)}

    def __repr__(self):
        what = "no file yet" if self.df is None else f"{len(self.df):,} rows, {self.df.shape[1]} columns"
        return f"Studio({what}; {len(self.made)} models finished)"


def _asks(plan):
    """What the time depends on."""
    return [line.name for line in plan.lines], plan.holdout, plan.target, plan.sensitive, plan.rows, len(plan.edits)


def studio(df=None, *, types=None):
    """One form over the calls of ``genlab.tables``: file, types, models, training, reports side by side, files to take away.

    Parameters
    ----------
    df : DataFrame, optional
        Without it a file is chosen in the form.
    types : Types, optional
        Of `df`; guessed without it.

    Returns
    -------
    Studio
        Show it in a notebook. After a run its ``made`` holds models, tables and reports.

    Raises
    ------
    ValueError
        One message that lists everything wrong with `df`.

    Examples
    --------
    >>> form = tables.studio(df)
    >>> form
    """
    return Studio(df, types)
