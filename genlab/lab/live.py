"""The clock of the lab: one asyncio task on the kernel's own loop that steps in short slices and lets others in between.

Everything that buttons ask for runs on that loop too, so it always falls between two steps. Nothing here knows what a
step is or how a frame looks.
"""

import asyncio
import signal
import threading
import time

from genlab import parts

SLICE = 0.010  # seconds of stepping before others get a turn
TURNS = 4  # turns given: a kernel needs about four to take in one message
NAP = 0.02  # longest sleep of a slow pace, so that Pause is prompt
ARREARS = 0.5  # seconds of delay that are made up for; a longer one (another cell ran) is forgiven


class Live:
    """Runs steps at a pace until told to pause.

    Parameters
    ----------
    step : function () -> bool
        Take one step; False when there is no next one.
    beat : function (final: bool)
        Called after each slice and once at the end: measure and send what is due.
    ended : function (Exception or None)
        Called at the end, with what a step or a beat raised.
    pace : float or None
        Steps a second; None for as many as there can be.
    """

    def __init__(self, *, step, beat, ended, pace):
        self.step, self.beat, self.ended = step, beat, ended
        self.running, self.task, self.loop = False, None, self._here()
        self.hurry = False  # while it is set, steps are taken at full speed whatever the pace
        self.pace = pace

    @property
    def pace(self):
        return self._pace

    @pace.setter
    def pace(self, pace):
        self._pace, self._start, self._done = pace, time.perf_counter(), 0

    @staticmethod
    def _here():
        try:
            return asyncio.get_running_loop()
        except RuntimeError:
            return None  # plain Python, or a script

    def start(self):
        self.loop = self._here() or self.loop
        if self.loop is None or not self.loop.is_running():
            raise RuntimeError(
                "a live run needs a notebook's kernel, and here is none: call lab.run(steps=...) instead"
            )
        if not self.running:
            self.running, self.pace = True, self.pace  # the pace counts from now
            if self.task is None or self.task.done():
                self.task = self.loop.create_task(self._run())
                self.task.add_done_callback(self._ended)

    def pause(self):
        self.running = False

    def between(self, function, *args):
        """Call `function` between two steps: at once where the loop's own thread asks, else when the loop gets to it."""
        if self.loop is None or not self.loop.is_running() or self._here() is self.loop:
            function(*args)
        else:
            self.loop.call_soon_threadsafe(function, *args)

    async def _run(self):
        with Interrupts(self.pause) as interrupts:
            while self.running:
                interrupts.keep()
                try:
                    with parts.threads(1):
                        wait = self._slice()
                        self.beat(final=False)
                except KeyboardInterrupt:  # came while a cell was still ending
                    self.running = False
                    break
                if wait > 0:
                    await asyncio.sleep(min(wait, NAP))
                for _ in range(TURNS):
                    await asyncio.sleep(0)
            self.beat(final=True)

    def _slice(self):
        """Take the steps that are due; return the seconds until the next one."""
        now = time.perf_counter()
        end = now + SLICE
        while self.running and now < end:
            if self.pace is not None and not self.hurry:
                due = self._start + self._done / self.pace  # by the clock, so that no delay adds up
                if now < due:
                    return due - now
                if now - due > ARREARS:
                    self._start, self._done = now, 0
            self.running = self.step() and self.running
            self._done += 1
            now = time.perf_counter()
        return 0

    def _ended(self, task):
        self.running = False
        if not task.cancelled():  # as when the kernel shuts down: then the view is to miss the frames
            self.ended(task.exception())


class Interrupts:
    """The stop button and Ctrl-C pause a live run, which a kernel would otherwise not notice between two cells.

    A kernel ignores the signal between cells and has handlers of its own while one runs: those stay, and stop the cell.
    """

    def __init__(self, pause):
        self.pause, self.main = pause, threading.current_thread() is threading.main_thread()

    def keep(self):
        """Take the signal where nobody does; again after each cell that took it for itself."""
        if self.main and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._note)

    def _note(self, signum, frame):
        self.pause()  # seen before the next step begins; the present one is finished

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.main and signal.getsignal(signal.SIGINT) == self._note:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
