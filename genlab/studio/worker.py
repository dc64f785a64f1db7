"""Work beside the kernel's loop: the work runs in a thread, and all that it tells is told on the loop.

The models learn in one piece, so they cannot be cut in slices as a lab's steps are; in a thread they leave the kernel free
for other cells and for Cancel. Widgets are touched on the loop's own thread alone. Where no loop runs (a script, a test),
the work is simply done.
"""

import asyncio
import contextvars
import threading


class Cancelled(Exception):
    """The reader pressed Cancel; raised inside the work, where it next tells how far it is."""


class Worker:
    """One piece of work at a time.

    Parameters
    ----------
    told : function (*what)
        Called on the loop with what the work tells.
    ended : function (error or None)
        Called on the loop at the end.
    """

    def __init__(self, told, ended):
        self.told, self.ended, self.busy, self._stop, self._loop = told, ended, False, threading.Event(), None

    def start(self, work):
        """Begin ``work(tell)``; `tell` passes what it is given to `told`, and raises Cancelled after a :meth:`cancel`."""
        if self.busy:
            raise RuntimeError("the work before this one is not over: cancel it first")
        self.busy = True
        self._stop.clear()
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
            return self._work(work)
        context = contextvars.copy_context()  # what a kernel sends belongs to the message that asked for it
        threading.Thread(target=context.run, args=(self._work, work), daemon=True).start()

    def cancel(self):
        self._stop.set()

    def _tell(self, *what):
        if self._stop.is_set():
            raise Cancelled
        self._post(self.told, *what)

    def _work(self, work):
        error = None
        try:
            work(self._tell)
            if self._stop.is_set():  # after the last word of the work
                raise Cancelled
        except BaseException as caught:
            error = caught
        self._post(self._end, error)

    def _end(self, error):
        self.busy = False
        self.ended(error)

    def _post(self, function, *args):
        if self._loop is None:
            function(*args)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *args)
