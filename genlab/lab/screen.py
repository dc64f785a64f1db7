"""What the browser shows, seen from the kernel: a widget, when it is sent a frame, and what the frame holds.

The widget's traits and the messages below are all that passes between the two sides. From the browser come dicts with
one of: {"do": "start", "pause", "step", "d", "g", "reset" or "seeds"}, {"set": {name: value}}, {"restart": {name: value}},
{"choose": name of a preset}, {"pace": number, 0 for full speed}, {"slow": true or false}, {"rewind": step}, {"use":
other rows, see sources.py}, {"table": text of a CSV file, "name": its name}, {"ask": a question to the picture, see
views}, {"ack": number of the newest frame}, {"ready": true}.
"""

import pathlib
import time

import anywidget
import numpy as np
import traitlets

from genlab.lab import frames
from genlab.lab.views.words import NAMES

HERE = pathlib.Path(__file__).parent / "browser"
PICTURES = ("points", "images", "latent", "text", "numbers")  # a painter for each kind of view
PARTS = ("frames", "drawing", *PICTURES, "charts", "panels", "controls", "rows", "replay", "lab")
LEASE = 1.0  # seconds between two acknowledgements of a view; where none comes, no more frames are sent
TELL = 1.0  # seconds between two status lines, and between two frames when nothing moves
MARKS = 100  # changes kept in sight
SHARE = 0.25  # of the time that pictures may take


class Stage(anywidget.AnyWidget):
    """Picture, curves, controls and status line of one lab."""

    _esm = "\n".join((HERE / f"{part}.js").read_text("utf-8") for part in PARTS)  # one module, and no build step
    _css = HERE / "lab.css"

    scene = traitlets.Bytes(b"").tag(sync=True)  # a packed frame: what does not move
    frame = traitlets.Bytes(b"").tag(sync=True)  # a packed frame: what moves
    beside = traitlets.Bytes(b"").tag(sync=True)  # a packed frame: what is drawn beside the curves
    knobs = traitlets.List([]).tag(sync=True)  # see knobs.controls
    presets = traitlets.List([]).tag(sync=True)  # see bench.preset
    players = traitlets.List([]).tag(sync=True)  # who can take a step alone
    cannot = traitlets.Dict({}).tag(sync=True)  # why a control does not work here, by its name
    marks = traitlets.List([]).tag(sync=True)  # [step, words] of each change
    shapes = traitlets.List([]).tag(sync=True)  # names of data that can be had instead
    columns = traitlets.List([]).tag(sync=True)  # numeric ones of the table that was sent
    slow = traitlets.Bool(False).tag(sync=True)
    pace = traitlets.Float(0.0).tag(sync=True)  # steps a second, 0 for full speed
    running = traitlets.Bool(False).tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)


class Screen:
    """Decides when the view gets a frame and a status line, and packs them.

    Parameters
    ----------
    picture : views.View
    fps : float
        Frames a second at most.
    """

    def __init__(self, picture, fps):
        self.picture, self.fps, self.stage = picture, fps, Stage()
        self.number = self.acked = self.shown = 0  # of the newest frame, of the newest that a view has seen; its step
        self.sent = self.told = self.took = 0.0
        self._marked = {}

    def open(self):
        """Send what does not move."""
        self.stage.scene = frames.pack(*self.picture.scene())
        self._marked.clear()
        self.stage.marks = []

    def forget(self, step):
        """Take back the marks of changes that were made at `step` or later."""
        self._marked = {key: change for key, change in self._marked.items() if key[0] < step}
        self.mark([])

    def beside(self, left, bands):
        """Send what is drawn beside the run's curves.

        Parameters
        ----------
        left : Book or None
            A branch that was left.
        bands : dict of name -> list of (step, least, median, most)
            The spread over other seeds.
        """
        arrays, before = {}, []
        for name in self.picture.drawn(left.curves) if left else ():
            arrays[f"before/{name}"] = left.curves[name].means
            before.append(dict(name=name, width=left.curves[name].width, first=left.first))
        for name in {name for _, scores in left.scores for name in scores} if left else ():
            arrays[f"before/{name}"] = left.scored(name)
            before.append(dict(name=name))
        for name, rows in bands.items():
            arrays[f"band/{name}"] = np.array(rows, np.float32)
        self.stage.beside = frames.pack(dict(before=before, bands=sorted(bands)), arrays) if arrays else b""

    def heard(self, number):
        """A view has seen the frame of this number; None when a new one asks for frames."""
        self.acked = self.number if number is None else max(self.acked, min(number, self.number))

    @property
    def watched(self):
        """Whether a view has acknowledged lately, or a first one may still come."""
        return self.number - self.acked < 1.5 * self.fps * LEASE + 2

    def due(self, step):
        """Whether a frame should be sent now, at this step."""
        waited = time.perf_counter() - self.sent
        return self.watched and waited >= max(1 / self.fps if step != self.shown else TELL, self.took / SHARE)

    @property
    def telling_due(self):
        """Whether the status line is old enough to be replaced."""
        return time.perf_counter() - self.told >= TELL

    def send(self, step, book):
        """Send a frame of this step."""
        start = time.perf_counter()
        numbers, arrays = self.picture.look()
        losses, scores = [], []
        for name in self.picture.drawn(book.curves):
            curve = book.curves[name]
            arrays[name] = curve.means
            losses.append(dict(name=name, label=NAMES.get(name, name), width=curve.width))
        for name, score in book.newest.items():
            arrays[name] = book.scored(name)
            floor = getattr(score, "floor", None)
            scores.append(dict(name=name, floor=floor if floor == floor else None))
        unit = self.picture.unit(book.curves)
        self.number, self.shown = self.number + 1, step
        numbers |= dict(number=self.number, step=step, first=book.first, unit=unit, losses=losses, scores=scores)
        self.stage.frame = frames.pack(numbers, arrays)
        self.sent, self.took = start, time.perf_counter() - start

    def tell(self, sentence):
        """Put a sentence into the status line, which is read aloud to those who cannot see it."""
        self.told, self.stage.status = time.perf_counter(), sentence

    def mark(self, changes):
        """Mark changes, (step, name, old, new) each, on the curves; several of one knob at one step are one."""
        for step, name, old, new in changes:
            old = self._marked.get((step, name), (old,))[0]
            if name == "only" and self._marked.get((step - 1, name), (None, None))[1] == new:
                old = new  # goes on with the mark before, so it is kept without being shown
            self._marked[step, name] = (old, new)
        for oldest in list(self._marked)[:-MARKS]:
            del self._marked[oldest]
        seen = ((step, name, old, new) for (step, name), (old, new) in self._marked.items() if old != new)
        self.stage.marks = [[step, _words(name, old, new)] for step, name, old, new in seen]


def _words(name, old, new):
    if name == "only":
        return f"{new} only"
    return f"{name} {_short(old)} → {_short(new)}"


def _short(value):
    return value if isinstance(value, str) else f"{value:g}"
