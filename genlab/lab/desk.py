"""What a reader asks a lab for, by a method or in the browser. Everything here happens between two steps, on one thread."""

import dataclasses
import functools

from genlab import parts, training
from genlab.lab import asked, sources, views
from genlab.lab.crowd import Crowd

SEEDS = 5  # that a press of the button compares
BRANCHES = 8  # left ones that are kept


class Desk:
    """Takes requests for a bench, and the messages of its view; see ``screen.py`` for what a view may say."""

    def __init__(self, bench):
        self.bench, self.given, self.table = bench, bench.data, None
        bench.stage.shapes = list(sources.SHAPES)
        bench.stage.on_msg(self.heard)

    # -- running --------------------------------------------------------------------------------------------------------

    def start(self):
        bench = self.bench
        bench.live.start()
        bench.error = bench.stopped = None
        bench.stage.running = True

    def pause(self):
        self.bench.live.pause()
        self.bench.stage.running = False

    def step_once(self, player=None):
        """Hold and take one step, of one player only where it is named; that is logged as two changes of a knob."""
        self.pause()
        bench = self.bench
        if player is None:
            with parts.threads(1):
                bench.step()
            return bench.show()
        self._finish()
        step, before = bench.model.step, dataclasses.asdict(bench.model.hp)
        alone = views.players(bench.model).get(player, {})
        bench.model.set(**alone)
        try:
            with parts.threads(1):
                bench.whole_step()
        finally:
            bench.model.set(**{name: before[name] for name in alone})
        bench.screen.mark([(step, "only", None, player.upper())])
        bench.show()

    def set_pace(self, pace):
        self.bench.pace = asked.check_pace(pace)
        self.bench.show_controls()

    def set_slow(self, slow):
        """Slow motion shows the parts of a step one by one; it is left between two steps."""
        self._able("slow")
        self._finish()
        bench = self.bench
        bench.slow = bool(slow)
        bench.loop = bench._loop()
        bench.show_controls()
        bench.tell()

    # -- changing -------------------------------------------------------------------------------------------------------

    def set(self, changes):
        asked.check_unlocked(changes, self.bench.locked)
        self._finish()
        bench, known = self.bench, len(self.bench.model.log)
        bench.model.set(**changes)
        bench.screen.mark(bench.model.log[known:])
        bench.show_controls()

    def reset(self):
        """Go back to the first state, but with the present knobs."""
        self._able("reset")
        self.pause()
        bench, present = self.bench, self.bench.knobs_now()
        bench.model.load_state(*bench.memory.before(min(bench.memory.states)))
        bench.model.set(**present)
        bench.begin()

    def restart(self, knobs, data=None):
        """Begin anew with other knobs or other rows: first weights of the same seed."""
        self._able("reset")
        asked.check_unlocked(knobs, self.bench.locked)
        self.pause()
        bench = self.bench
        data = bench.data if data is None else data
        views.view_of(bench.model, data)  # refuses what cannot be drawn before anything is lost
        bench.model.restart(data, **knobs)
        bench.data = data
        bench.screen.picture = views.view_of(bench.model, data)
        bench.begin()

    def choose(self, name):
        """Take a preset; a run that has to begin anew for it goes on if it was running."""
        if name not in self.bench.presets:
            there = ", ".join(map(repr, self.bench.presets)) or "none"
            raise ValueError(f"name={name!r}: no such preset; there are {there}")
        changes, running = self.bench.changes(name), self.bench.live.running
        if changes.keys() <= self.bench.knobs_now().keys():
            self.set(changes)
            return
        rows = changes.pop(asked.ROWS, None)
        self.restart(changes, None if rows is None else self.bench.whole.head(rows))
        if running:
            self.start()

    def use(self, data):
        """Begin anew on other rows, a Dataset."""
        asked.check_alike(data, self.bench.data)
        self.restart({}, data)
        self.bench.whole = data
        self.bench.show_controls()

    # -- going back and to the side -------------------------------------------------------------------------------------

    def rewind(self, step):
        """Go back to a step, exactly: from the nearest kept state, with the changes made since. The branch left is kept."""
        self._able("rewind")
        self.pause()
        self._finish()
        bench, model, log = self.bench, self.bench.model, list(self.bench.model.log)
        asked.check_rewind(step, min(bench.memory.states), model.step)
        left, bench.book = bench.book, bench.book.until(step)
        bench.branches = [*bench.branches, left][-BRANCHES:] if model.step > step else bench.branches
        model.load_state(*bench.memory.before(step))
        bench.memory.forget(step)
        self.learn_again(step, log[len(model.log) :])
        bench.film.forget(step)
        bench.screen.forget(step)
        bench.crowd = bench.stopped = bench.error = None
        bench.show_all()

    def learn_again(self, step, changes):
        """Step up to `step` without a word, with `changes` as in a log; the book keeps what it has."""
        loop = self.bench.model.steps(self.bench.data)
        self.follow(step, changes, lambda: next(loop))
        self.bench.loop = self.bench._loop()

    def follow(self, step, changes, take):
        """Call `take`, which makes a step, up to `step`, with `changes` as in a log; False ends it."""
        model, changes, going = self.bench.model, list(changes), True
        with parts.threads(1), training.interrupts() as interrupted:
            while going and (changes or model.step < step) and not interrupted:
                while changes and changes[0][0] <= model.step:
                    _, name, _, new = changes.pop(0)
                    model.set(**{name: new})
                going = model.step < step and take()
        if interrupted:
            self.bench.stopped = f"interrupted after step {model.step}"

    def seeds(self, seeds=SEEDS, live=True):
        """Learn the present course with other seeds too: in the live run, or at once."""
        self._able("seeds")
        self._finish()
        bench = self.bench
        bench.crowd = Crowd(bench.model, bench.data, seeds, bench.metrics, bench.screen.picture.counted)
        bench.crowd.then_on = bench.live.running
        if live:
            self.start()
            return
        with parts.threads(1):
            while not bench.crowd.done:
                bench.crowd.step()
        bench.show_crowd()

    def ask(self, question):
        """Answer a question to the picture with a new frame."""
        self.bench.screen.picture.ask(question)
        self.bench.send()

    def _able(self, what):
        if self.bench.cannot[what]:
            raise ValueError(self.bench.cannot[what])

    def _finish(self):
        with parts.threads(1):
            self.bench.finish()

    # -- what the view says ---------------------------------------------------------------------------------------------

    def heard(self, stage, message, buffers):
        """A message of the view, on whichever thread it came: requests wait until the present step is done."""
        bench, screen = self.bench, self.bench.screen
        buttons = dict(start=self.start, pause=self.pause, step=self.step_once, reset=self.reset, seeds=self.seeds)
        buttons |= {player: functools.partial(self.step_once, player) for player in views.players(bench.model)}
        match message:
            case {"do": str(button)} if button in buttons:
                self._later(buttons[button])
            case {"set": dict(changes)}:
                self._later(self.set, changes)
            case {"restart": dict(changes)}:
                self._later(self.restart, changes)
            case {"choose": str(name)}:
                self._later(self.choose, name)
            case {"pace": int() | float() as pace}:
                self._later(self.set_pace, pace or None)
            case {"slow": bool(slow)}:
                self._later(self.set_slow, slow)
            case {"rewind": int(step)}:
                self._later(self.rewind, step)
            case {"table": str(text), "name": str(name)}:
                self._later(self._read_table, text, name)
            case {"use": dict(wish)}:
                self._later(self._use, wish)
            case {"ask": dict(question)}:
                screen.heard(None)  # who asks is there
                self._later(self.ask, question)
            case {"ack": int(number)}:
                screen.heard(number)
            case {"ready": _}:
                screen.heard(None)
                if not bench.live.running:
                    self._later(bench.send)

    def _use(self, wish):
        self.use(sources.wished(wish, self.given, self.table))

    def _read_table(self, text, name):
        self.table = sources.Table(text, name)
        self.bench.stage.columns = self.table.columns
        self.bench.screen.tell(self.table.sentence())

    def _later(self, function, *args):
        self.bench.live.between(self._try, function, *args)

    def _try(self, function, *args):
        """Do what the browser asked for; what goes wrong is shown there, and raised by the reader's next call."""
        bench = self.bench
        try:
            function(*args)
        except ValueError as error:  # a value that cannot be: the controls go back to what is
            bench.stage.knobs, bench.stage.pace = [], -1.0
            bench.show_controls()
            bench.screen.tell(str(error))
        except Exception as error:
            bench.ended(error)
