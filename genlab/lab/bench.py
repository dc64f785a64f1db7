"""What a lab does: step, score, show, and answer requests. Everything here happens between two steps, on one thread."""

import dataclasses
import functools

import torch

from genlab import parts, training
from genlab.lab import asked, knobs, views
from genlab.lab.book import Book, Meter
from genlab.lab.live import Live
from genlab.lab.screen import Screen


class Bench:
    """A model with its loop, its clock, its book of numbers and its screen.

    Parameters
    ----------
    model, data, pace, fps, metrics
        As :class:`genlab.Lab` checked them.
    shown : list of str
        Names of the knobs that get a slider.
    """

    def __init__(self, model, data, *, shown, pace, fps, metrics):
        self.model, self.data, self.shown, self.metrics = model, data, shown, metrics
        self.meter = Meter(self._take_scores)
        self.live = Live(step=self.step, beat=self.beat, ended=self.ended, pace=pace)
        self.first, self.loop = model.state(), model.steps(data)
        self.screen = Screen(views.view_of(model, data), fps)
        self.stage = self.screen.stage
        self.stage.on_msg(self.heard)
        self.error = None  # what went wrong and has not been raised yet
        self.open()

    def open(self):
        """Begin an empty book at the model's present step, and show everything."""
        self.book, self.stopped = Book(self.model.step), None
        self.screen.open()
        self.screen.mark(self.model.log)
        self.show_controls()
        self.show()

    # -- requests -------------------------------------------------------------------------------------------------------

    def start(self):
        self.live.start()
        self.error = self.stopped = None
        self.stage.running = True

    def pause(self):
        self.live.pause()
        self.stage.running = False

    def step_once(self, player=None):
        """Hold and take one step, of one player only where it is named; that is logged as two changes of a knob."""
        self.pause()
        step, before = self.model.step, dataclasses.asdict(self.model.hp)
        alone = views.players(self.model).get(player, {})
        self.model.set(**alone)
        try:
            with parts.threads(1):
                self.step()
        finally:
            self.model.set(**{name: before[name] for name in alone})
        if player is not None:
            self.screen.mark([(step, "only", None, player.upper())])
        self.show()

    def reset(self):
        """Go back to the first state, but with the present knobs."""
        self.pause()
        live = [f.name for f in dataclasses.fields(self.model.hp) if f.metadata["live"]]
        present = {name: getattr(self.model.hp, name) for name in live}
        self.model.load_state(*self.first)
        self.model.set(**present)
        self.loop = self.model.steps(self.data)
        self.open()

    def set(self, changes):
        known = len(self.model.log)
        self.model.set(**changes)
        self.screen.mark(self.model.log[known:])
        self.show_controls()

    def set_pace(self, pace):
        self.live.pace = asked.check_pace(pace)
        self.show_controls()

    def ask(self, question):
        """Answer a question to the picture with a new frame."""
        self.screen.picture.ask(question)
        self.send()

    def heard(self, stage, message, buffers):
        """A message of the view, on whichever thread it came: requests wait until the present step is done."""
        buttons = dict(start=self.start, pause=self.pause, step=self.step_once, reset=self.reset)
        buttons |= {player: functools.partial(self.step_once, player) for player in views.players(self.model)}
        match message:
            case {"do": str(button)} if button in buttons:
                self.live.between(self._try, buttons[button])
            case {"set": dict(changes)}:
                self.live.between(self._try, self.set, changes)
            case {"pace": int() | float() as pace}:
                self.live.between(self._try, self.set_pace, pace or None)
            case {"ask": dict(question)}:
                self.screen.heard(None)  # who asks is there
                self.live.between(self._try, self.ask, question)
            case {"ack": int(number)}:
                self.screen.heard(number)
            case {"ready": _}:
                self.screen.heard(None)
                if not self.live.running:
                    self.live.between(self._try, self.send)

    def _try(self, function, *args):
        """Do what the browser asked for; what goes wrong is shown there, and raised by the reader's next call."""
        try:
            function(*args)
        except ValueError as error:  # a value that cannot be: the controls go back to what is
            self.stage.knobs, self.stage.pace = [], -1.0
            self.show_controls()
            self.screen.tell(str(error))
        except Exception as error:
            self.ended(error)

    # -- stepping -------------------------------------------------------------------------------------------------------

    def step(self):
        """Take one step and write it down; False when there is no next one."""
        try:
            record = training.advance(self.loop, self.model.step + 1)
        except StopIteration:
            self.stopped = f"the loop ended by itself after step {self.model.step}"
            return False
        except BaseException:
            self.loop = self.model.steps(self.data)  # the old one is broken off
            raise
        self.book.add(record)
        self.stopped = training.trouble(record)
        return self.stopped is None

    def beat(self, final):
        """Called by the clock after each slice: score, send and tell what is due."""
        if final:
            self.stage.running = False
            self.show()
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
        if self.metrics is not None and (now or self.meter.due):
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

    def send(self):
        self.screen.send(self.model.step, self.book)

    def show_controls(self):
        self.stage.knobs = knobs.controls(self.model.Params, self.model.hp, self.shown)
        self.stage.players, self.stage.pace = list(views.players(self.model)), self.live.pace or 0.0

    def tell(self):
        if self.error is not None:
            words = f"stopped by an error: {type(self.error).__name__}: {self.error}"
        elif self.stopped:
            words = f"stopped: {self.stopped}"
        else:
            scores, lead = self.book.newest, self.screen.picture.lead()
            words = views.sentence(self.model.step, scores, self.data, lead, self.book.recent)
        self.screen.tell(words)
