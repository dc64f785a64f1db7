"""What a lab does: step, score, remember and show. What a reader asks for meanwhile stands in ``desk.py``."""

import dataclasses
import time

import torch

from genlab import parts, training
from genlab.lab import asked, knobs, loops, views
from genlab.lab.book import Book, Meter
from genlab.lab.film import Film
from genlab.lab.live import Live
from genlab.lab.memory import Memory
from genlab.lab.screen import Screen

SLOW = 0.8  # parts of a step a second in slow motion: time to read what each does


class Bench:
    """A model with its loop, its clock, its book of numbers and its screen.

    Parameters
    ----------
    model, data, pace, fps, metrics
        As :class:`genlab.Lab` checked them.
    shown : list of str
        Names of the knobs that are in sight at once; the others are a click away.
    presets : dict of name -> dict of knobs
    locked, hidden : collection of str
        Names of knobs that cannot be changed here, and of those that are not shown at all.
    """

    def __init__(self, model, data, *, shown, pace, fps, metrics, presets, locked=(), hidden=()):
        self.model, self.data, self.metrics = model, data, metrics
        self.whole = data  # of which a preset may take the first rows
        self.shown, self.presets, self.locked, self.hidden = shown, presets, locked, hidden
        self.pace, self.slow = pace, False
        self.meter = Meter(self._take_scores)
        self.live = Live(step=self.tick, beat=self.beat, ended=self.ended, pace=pace)
        self.screen = Screen(views.view_of(model, data), fps)
        self.stage = self.screen.stage
        self.error = None  # what went wrong and has not been raised yet
        self.cannot = asked.reasons(model)
        self.begin()

    def begin(self):
        """Take the model as it is now for the start of a run."""
        self.part, self.loop = None, self._loop()  # the part of a step that was just done, None between two steps
        self.memory = None if self.cannot["rewind"] else Memory(self.model)
        self.open()

    def open(self):
        """Begin an empty book at the model's present step, and show everything."""
        self.book, self.stopped, self.film = Book(self.model.step), None, Film()
        self.crowd, self.branches = None, []
        self.screen.open()
        self.screen.mark(self.model.log)
        self.show_all()

    def _loop(self):
        return self.model.steps(self.data, stages=True) if self.slow else self.model.steps(self.data)

    # -- stepping -------------------------------------------------------------------------------------------------------

    def tick(self):
        """What the clock calls: a step of the other seeds while they have to catch up, else one of the run, or a part."""
        self.live.hurry = bool(self.crowd) and not self.crowd.done
        if not self.live.hurry:
            return self.step()
        self.crowd.step()
        if not self.crowd.done:
            return True
        self.live.hurry = False
        self.show_crowd()
        return self.crowd.then_on

    def step(self):
        """Take one step and write it down, in slow motion one part of it; False when there is no next one."""
        try:
            record = training.advance(self.loop, self.model.step + 1)
        except StopIteration:
            self.stopped = f"the loop ended by itself after step {self.model.step}"
            return False
        except BaseException:
            self.part = None
            if not self.cannot["reset"]:
                self.loop = self._loop()  # the old one is broken off
            raise
        if "stage" in record:
            self.part = record
            self.show()
            return True
        self.part = None
        self.book.add(record)
        self.stopped = training.trouble(record)
        if self.memory and not self.stopped and self.memory.due(self.model.step):
            self.memory.keep(self.model)
        return self.stopped is None

    def finish(self):
        """End a step that slow motion has left in the middle: whatever is changed is changed between two steps."""
        going = True
        while self.part is not None and going:
            going = self.step()
        return going

    def whole_step(self):
        """One step, and never a part of one; False when there is no next one."""
        return self.step() and self.finish()

    def beat(self, final):
        """Called by the clock after each slice: score, send and tell what is due."""
        if final:
            self.stage.running = False
            self.show()
            return
        if self.live.hurry:
            if self.screen.telling_due:
                self.tell()
            return
        self.score()
        if self.screen.due(self.model.step):
            self.send()
        if self.screen.telling_due:
            self.tell()

    def ended(self, error):
        """The live run is over; `error` is what ended it, None when it was asked to."""
        self.stage.running = False
        if error is not None:
            self.error = error
            self.tell()

    def score(self, now=False):
        if self.metrics is not None and self.part is None and (now or self.meter.due):
            scores = self.meter.scores()
            if scores:
                self.book.score(self.model.step, scores)

    def _take_scores(self):
        x = self.screen.picture.scored()
        return self.metrics(x, self.data) if torch.isfinite(x).all() else {}

    # -- showing --------------------------------------------------------------------------------------------------------

    def show(self):
        """Score, send and tell everything of the present step."""
        with parts.threads(1):
            self.score(now=True)
            self.send()
            self.tell()

    def show_all(self):
        """Show everything, also what stands beside the picture."""
        self.show_crowd()
        self.show_controls()
        self.show()

    def send(self):
        self.screen.send(self.model.step, self.book)
        if self.part is None:
            self.film.add(self.model.step, self.stage.frame)

    def film_if_due(self):
        """A frame for the film alone, in a run that nobody watches."""
        if self.film.due:
            start = time.perf_counter()
            self.send()
            self.tell()
            self.film.rest(time.perf_counter() - start)

    def show_crowd(self):
        """Send what stands beside the run's curves: a branch that was left, and the spread over other seeds."""
        bands = self.crowd.bands() if self.crowd and self.crowd.done else {}
        self.screen.beside(self.branches[-1] if self.branches else None, bands)

    def show_controls(self):
        stage = self.stage
        stage.knobs = knobs.controls(self.model, shown=self.shown, locked=self.locked, hidden=self.hidden)
        stage.presets = [self.preset(name) for name in self.presets]
        stage.players, stage.pace, stage.slow = list(views.players(self.model)), self.pace or 0.0, self.slow
        stage.cannot = {name: reason for name, reason in self.cannot.items() if reason}
        self.live.pace = SLOW if self.slow else self.pace

    def preset(self, name):
        """What the view needs to draw a preset's button: whether it is how things are, and whether it begins anew."""
        changes = self.changes(name)
        return dict(name=name, chosen=not changes, restarts=not changes.keys() <= self.knobs_now().keys())

    def changes(self, name):
        """The knobs that a preset would change now, and the number of rows where it would change that."""
        rows = 0 if self.data is self.whole else len(self.data)
        present = dataclasses.asdict(self.model.hp) | {asked.ROWS: rows}
        return {knob: value for knob, value in self.presets[name].items() if present[knob] != value}

    def tell(self):
        words = self.words()
        self.film.tell(words)
        self.screen.tell(words)

    def words(self):
        """The status line."""
        if self.error is not None:
            return f"stopped by an error: {loops.told(self.error)}"
        if self.stopped:
            return f"stopped: {self.stopped}"
        if self.crowd and not self.crowd.done:
            return self.crowd.sentence()
        if self.part is not None:
            return views.part_sentence(self.part)
        return self.screen.picture.sentence(self.book)

    def knobs_now(self):
        """Present values of the knobs that can change while a model learns."""
        fields = dataclasses.fields(self.model.hp)
        return {f.name: getattr(self.model.hp, f.name) for f in fields if f.metadata["live"]}
