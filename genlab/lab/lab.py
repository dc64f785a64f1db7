"""The live lab: a model and its data, a clock, a book of numbers and a screen, and what a reader may ask of them."""

import dataclasses
import functools
import weakref

import torch

from genlab import datasets, parts, training
from genlab import metrics as measures
from genlab.lab import asked, views
from genlab.lab import knobs as declared
from genlab.lab.book import Book, Meter
from genlab.lab.live import Live
from genlab.lab.screen import Screen
from genlab.lab.snapshot import snapshot

FIRST_KNOBS = ("lr_g", "lr_d", "r1", "lr", "beta")  # shown where a model has them and nobody asked for others

_labs = weakref.WeakSet()  # so that a new lab can hold those that it replaces


class Lab:
    """A model that learns before your eyes in Jupyter, with buttons, sliders and curves.

    Parameters
    ----------
    model : GAN or other family
        An object with steps, state, load_state, set and sample.
    data : Dataset or array_like
        The rows to learn from.
    pace : float or None
        Steps a second, so that there is time to look; None for full speed.
    fps : float
        Pictures a second, from 1 to 30.
    knobs : sequence of str, optional
        Live knobs to show as sliders; by default the few that matter most.
    metrics : function (x, data) -> dict of name -> number, or None
        Scores of samples, the first one drawn as a curve; None for no scores.

    Examples
    --------
    >>> import genlab as gl
    >>> data = gl.datasets.ring()
    >>> lab = gl.Lab(gl.GAN(data, seed=1), data)
    >>> history = lab.run(steps=20)
    >>> lab.set(lr_g=1e-4)
    >>> lab.log
    [(20, 'lr_g', 0.002, 0.0001)]
    """

    def __init__(self, model, data, *, pace=100, fps=12, knobs=None, metrics=measures.quality):
        self.model, self.data = asked.check_model(model), datasets.as_dataset(data)
        if knobs is None:
            knobs = [name for name in FIRST_KNOBS if hasattr(model.hp, name)]
        self._knobs = asked.check_names(model.Params, knobs)
        self._metrics, self._meter = asked.check_metrics(metrics), Meter(self._take_scores)
        self._live = Live(step=self._step, beat=self._beat, failed=self._failed, pace=asked.check_pace(pace))
        self._first, self._loop = model.state(), model.steps(self.data)
        self._screen = Screen(views.view_of(model, self.data), asked.check_fps(fps))
        self._screen.stage.on_msg(self._heard)
        self._error, self._cell = None, asked.this_cell()
        self._replace()
        self._open()

    # -- what a reader asks ---------------------------------------------------------------------------------------------

    def run(self, steps, *, strict=False):
        """Train now and at full speed, with or without a browser; Ctrl-C ends it between two steps.

        Parameters
        ----------
        steps : int
            At least 1.
        strict : bool
            Raise ``training.Stopped`` when it ends early, as numbers that are no longer finite make it.

        Returns
        -------
        DataFrame
            The whole history of the lab.
        """
        asked.check_steps(steps)
        self._raise()
        try:
            with parts.threads(1), training.interrupts() as interrupted:
                for _ in range(steps):
                    if not self._step():
                        break
                    if interrupted:
                        self.stopped = f"interrupted after step {self.model.step}"
                        break
                    self._score()
        finally:
            self._show()
        if strict and self.stopped:
            raise training.Stopped(self)
        return self.history

    def start(self):
        """Let it learn live, at the lab's pace."""
        self._raise()
        self._live.between(self._start)

    def pause(self):
        """Hold after the present step."""
        self._live.between(self._pause)

    def step_once(self, player=None):
        """Hold, and take one step.

        Parameters
        ----------
        player : "d" or "g", optional
            In a GAN: let only the discriminator, or only the generator, learn in it.
        """
        self._raise()
        able = views.players(self.model)
        if player is not None and player not in able:
            raise ValueError(f"player={player!r}: must be one of {[None, *able]}")
        self._live.between(self._step_once, player)

    def reset(self):
        """Go back to the state in which the lab got the model: same first weights, same randomness, but the present knobs.

        Knobs that differ from those of that state are logged as changes at its step. The history begins anew.
        """
        self._error = None
        self._live.between(self._reset)

    def set(self, **changes):
        """Change live knobs from the next step on. Each change is logged, and marked on the curves."""
        self._raise()
        self.model.Params.check(changes, live_only=True)
        self._live.between(self._set, changes)

    @property
    def pace(self):
        """Steps a second of a live run, None for full speed; may be changed while it runs."""
        return self._live.pace

    @pace.setter
    def pace(self, pace):
        self._live.between(self._set_pace, asked.check_pace(pace))

    @property
    def running(self):
        """Whether it learns live."""
        return self._live.running

    @property
    def log(self):
        """Every change of a knob: list of (step, name, old, new)."""
        return self.model.log

    @property
    def history(self):
        """DataFrame by step: the loop's numbers, and the scores in the steps in which they were taken."""
        return self._book.history

    @property
    def scores(self):
        """The newest scores by name, each with its floor."""
        return dict(self._book.newest)

    @property
    def status(self):
        """One sentence on what is happening."""
        return self._screen.stage.status

    def snapshot(self):
        """The present state as a static figure with alt text, for readers of a page without a kernel."""
        return snapshot(self, self._screen.picture)

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live view, beside a still picture for pages without a kernel. Never any saved state of the widget."""
        view = dict(version_major=2, version_minor=0, model_id=self._screen.stage.model_id)
        still = self.snapshot()
        bundle = {"application/vnd.jupyter.widget-view+json": view, "text/plain": f"{self!r}\n{still.alt}"}
        return bundle | {"image/png": still.png(dpi=50)}

    def __repr__(self):
        return f"Lab({self.model!r} on {self.data.name!r}; {self.status})"

    # -- what is done, always between two steps -------------------------------------------------------------------------

    def _open(self):
        """Begin an empty book at the model's present step, and show everything."""
        self._book, self.stopped = Book(self.model.step), None
        self._screen.open()
        self._screen.mark(self.log)
        self._show_controls()
        self._show()

    def _start(self):
        self._error = None
        self._live.start()
        self.stopped, self._screen.stage.running = None, True

    def _pause(self):
        self._live.pause()
        self._screen.stage.running = False

    def _step_once(self, player=None):
        self._pause()
        step, before = self.model.step, dataclasses.asdict(self.model.hp)
        alone = views.players(self.model).get(player, {})
        self.model.set(**alone)
        try:
            with parts.threads(1):
                self._step()
        finally:
            self.model.set(**{name: before[name] for name in alone})
        if player:
            self._screen.mark([(step, "only", None, player.upper())])
        self._show()

    def _reset(self):
        self._pause()
        fields = {f.name: f.metadata["live"] for f in dataclasses.fields(self.model.hp)}
        present = {name: getattr(self.model.hp, name) for name, live in fields.items() if live}
        self.model.load_state(*self._first)
        self.model.set(**present)
        self._loop = self.model.steps(self.data)
        self._open()

    def _set(self, changes):
        known = len(self.log)
        self.model.set(**changes)
        self._screen.mark(self.log[known:])
        self._show_controls()

    def _set_pace(self, pace):
        self._live.pace = pace
        self._show_controls()

    def _step(self):
        """Take one step and write it down; False when there is no next one."""
        try:
            record = training.advance(self._loop, self.model.step + 1)
        except StopIteration:
            self.stopped = f"the loop ended by itself after step {self.model.step}"
            return False
        except BaseException:
            self._loop = self.model.steps(self.data)  # the old one is broken off
            raise
        self._book.add(record)
        self.stopped = training.trouble(record)
        return self.stopped is None

    # -- what is shown --------------------------------------------------------------------------------------------------

    def _beat(self, final):
        """Called between slices: score, send and tell what is due."""
        if final:
            self._screen.stage.running = False
            self._show()
            return
        self._score()
        if self._screen.due(self.model.step):
            self._screen.send(self.model.step, self._book)
        if self._screen.telling_due:
            self._tell()

    def _show(self):
        """Score, send and tell everything of the present step."""
        with parts.threads(1):
            self._score(now=True)
            self._screen.send(self.model.step, self._book)
            self._tell()

    def _show_controls(self):
        stage = self._screen.stage
        stage.knobs = declared.controls(self.model.Params, self.model.hp, self._knobs)
        stage.players, stage.pace = list(views.players(self.model)), float(self.pace or 0)

    def _score(self, now=False):
        if self._metrics is not None and (now or self._meter.due):
            scores = self._meter.scores()
            if scores:
                self._book.score(self.model.step, scores)

    def _take_scores(self):
        x = self._screen.picture.scored()
        return self._metrics(x, self.data) if torch.isfinite(x).all() else {}

    def _tell(self):
        if self._error is not None:
            words = f"stopped by an error: {type(self._error).__name__}: {self._error}"
        elif self.stopped:
            words = f"stopped: {self.stopped}"
        else:
            words = views.sentence(self.model.step, self._book.newest, self.data, self._screen.picture.lead())
        self._screen.tell(words)

    # -- what the browser asks, and what goes wrong ---------------------------------------------------------------------

    def _heard(self, stage, message, buffers):
        """A message of the view, on whichever thread it came; its requests wait until the present step is done."""
        buttons = dict(start=self._start, pause=self._pause, step=self._step_once, reset=self._reset)
        buttons |= {player: functools.partial(self._step_once, player) for player in views.players(self.model)}
        match message:
            case {"do": str(button)} if button in buttons:
                self._live.between(self._try, buttons[button])
            case {"set": dict(changes)}:
                self._live.between(self._try, self._set, changes)
            case {"pace": int() | float() as pace}:
                self._live.between(self._try, self._set_pace, pace or None)
            case {"ack": int(number)}:
                self._screen.heard(number)
            case {"ready": _}:
                self._screen.heard(None)

    def _try(self, function, *args):
        """Do what the browser asked; what goes wrong is shown there, and raised by the reader's next call."""
        try:
            function(*args)
        except ValueError as error:
            self._show_controls()
            self._screen.tell(str(error))
        except Exception as error:
            self._failed(error)

    def _failed(self, error):
        self._error = error
        self._screen.stage.running = False
        self._tell()

    def _raise(self):
        """Raise what went wrong since the last call, once."""
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _replace(self):
        """Hold every older lab of the same model, and those that this cell made when it was run before."""
        for lab in list(_labs):
            again = self._cell and lab._cell and self._cell[0] == lab._cell[0] and self._cell[1] != lab._cell[1]
            if lab.running and (lab.model is self.model or again):
                lab.pause()
        _labs.add(self)
