"""Hide yourself, hunt yourself: a form over :func:`genlab.tables.hunt`. Nothing that is entered is stored anywhere."""

import ipywidgets

from genlab.studio import fields
from genlab.studio.notice import Notice, told
from genlab.studio.worker import Cancelled, Worker
from genlab.tables.hunting import MODELS, _problems, hunt
from genlab.tables.reading.checking import check
from genlab.tables.reading.guessing import guess
from genlab.tables.reporting.markup import plain
from genlab.tables.synthesis.encoding import LEARNED
from genlab.tables.types import Types, complain

INTRO = (
    "Answer what you like, and tick the three answers that somebody knows of you. Your row joins the table; synthetic "
    "files are made with small leaves (at least 3 rows, rare answers kept), as shipped, and with large ones (200 rows), each "
    "also from a model that never saw you. What the hunter reads off in both is knowledge about people in general."
)
PROMISE = (
    "Nothing is stored: your answers stay in this page and in the memory of its kernel, no file is written, and nothing is "
    "sent elsewhere. <i>Forget me</i> empties both."
)


class FindMe:
    """The form, see :func:`find_me`.

    Attributes
    ----------
    found : Hunt or None
        What the last hunt found.
    """

    def __init__(self, df, types, person, known, random_state, asked):
        self.df, self.types, self.random_state, self.asked, self.found = df, types, random_state, asked, None
        self.notice, self.page = Notice(), ipywidgets.HTML()
        self.worker, self._result = Worker(self._told, self._ended), None
        self.fields = {c.name: fields.Field(c, df[c.name], person.get(c.name)) for c in types.values()}
        self.known = {
            name: fields.quiet(
                ipywidgets.Checkbox(
                    value=name in known, description=f"the hunter knows: {plain(name, 40)}", indent=False
                )
            )
            for name in types
        }
        for tick in self.known.values():
            tick.layout.width = "9em"
        self.go = fields.button("Hide me and hunt me", self.start, primary=True)
        self.stop = fields.button("Cancel", self.worker.cancel, disabled=True)
        self.forget = fields.button("Forget me", self.clear)
        head = fields.row(
            ipywidgets.Label("you", layout=ipywidgets.Layout(width="30em", max_width="100%")),
            ipywidgets.Label("the hunter knows"),
            head=True,
        )
        rows = [fields.row(field.widget, self.known[name]) for name, field in self.fields.items()]
        buttons = ipywidgets.HBox([self.go, self.stop, self.forget])
        buttons.add_class("genlab-buttons")
        self.box = fields.box(
            [
                fields.box([fields.heading("", "Hide yourself, hunt yourself", INTRO), head,
                            fields.box(rows, "genlab-grid"), buttons, ipywidgets.HTML(f"<p>{PROMISE}</p>")], "genlab-step"),
                self.notice, self.page,
            ],
            "genlab-studio",
        )  # fmt: skip

    def person(self):
        """The answers in the form; one ValueError that lists all that are none."""
        answers, problems = {}, []
        for name, field in self.fields.items():
            try:
                answers[name] = field.value
            except ValueError as error:
                problems.append(str(error))
        known = [name for name, tick in self.known.items() if tick.value]
        problems += _problems(self.types, answers, known, 2, 2) if not problems else []
        complain("your answers", problems)
        return answers, known

    def start(self):
        """What the button does."""
        self.page.value, self._result = "", None
        try:
            person, known = self.person()
        except ValueError as error:
            return self.notice.say(error=str(error))
        self.go.disabled, self.stop.disabled = True, False
        self.notice.say(f"{2 * len(MODELS)} models learn the table, with you and without you ...")

        def work(tell):
            self._result = hunt(
                self.df, person, known, types=self.types, random_state=self.random_state, progress=tell, **self.asked
            )

        self.worker.start(work)

    def clear(self):
        """Empty the form, and forget what was found."""
        self.worker.cancel()
        self.found = self._result = None
        self.page.value, self.notice.bars = "", []
        for field in self.fields.values():
            field.clear()
        self.notice.say("Forgotten: the form is empty, and what was found is gone.")

    def _told(self, done, of):
        self.notice.bars = [dict(name="models fitted", done=done, of=of, words=f"{done} of {of}")]

    def _ended(self, error):
        self.go.disabled, self.stop.disabled, self.notice.bars = False, True, []
        if isinstance(error, Cancelled):
            self._result = None  # it may have been found after Cancel
            return self.notice.status.startswith("Forgotten") or self.notice.say("Cancelled. Nothing was kept.")
        if error is not None:
            return self.notice.say(error=told(error))
        if self._result is None:  # forgotten between the last word of the work and this one
            return None
        self.found = self._result
        self.page.value = self.found._repr_html_()
        told_by = [name for name, part in self.found.answers.groupby(level=0, sort=False) if part["found"].any()]
        self.notice.say(
            f"Done: {self.found.files} files of {self.found.rows:,} rows from each model. You are given away by: "
            f"{', '.join(told_by) or 'none of them, as far as this hunter sees'}."
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        view = dict(version_major=2, version_minor=0, model_id=self.box.model_id)
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": repr(self)}

    def __repr__(self):
        return f"FindMe({len(self.df):,} rows, {len(self.types)} questions; run this cell in Jupyter to answer them)"


def find_me(df, *, types=None, person=None, known=(), random_state=0, seeds=10, copies=2):
    """A form in which a reader joins a table and sees what a synthetic file of it would tell about them.

    Parameters
    ----------
    df : DataFrame
    types : Types, optional
        What the columns are; the form asks for each that a model learns.
    person : dict, optional
        Answers that stand in the form at first.
    known : list, optional
        Columns that are ticked as known at first.
    random_state, seeds, copies : optional
        As for :func:`genlab.tables.hunt`, which this is a form over.

    Returns
    -------
    FindMe
        Show it in a notebook. It writes no file.

    Raises
    ------
    ValueError
        One message that lists everything wrong.
    """
    types = guess(df) if types is None else types
    check(df, types, where="find_me")
    types = Types(column for column in types.values() if column.kind in LEARNED)
    names = [*(person or {}), *known]
    complain("find_me", [f"no column {name!r} that is learned" for name in names if name not in types])
    return FindMe(df, types, dict(person or {}), list(known), random_state, dict(seeds=seeds, copies=copies))
