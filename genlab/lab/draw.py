"""Digits drawn by the reader: a pad for each, by mouse, finger or keys."""

import pathlib

import anywidget
import numpy as np
import traitlets

from genlab.rows import is_whole

HERE = pathlib.Path(__file__).parent / "browser"
PARTS = ("drawing", "controls", "draw")
SIDE, MOST = 28, 12  # pixels along a pad, as in MNIST; pads


class Pads(anywidget.AnyWidget):
    """The page's side of a drawing: `ink` holds what is on each pad, a byte a pixel, row by row."""

    _esm = "\n".join((HERE / f"{part}.js").read_text("utf-8") for part in PARTS)
    _css = HERE / "lab.css"

    n = traitlets.Int(3).tag(sync=True)
    ink = traitlets.Bytes(b"").tag(sync=True, from_json=lambda sent, pads: _taken(bytes(sent), pads.ink))


def _taken(sent, present):
    """What a page has sent; where that does not fill the pads it is from no page of ours, and the present ink stays."""
    return sent if len(sent) == len(present) else present


def draw(n=3):
    """Draw digits yourself: `n` pads in the notebook, by mouse, finger or keys.

    With keys: move by the arrows, put the pen down or lift it by Space, clear the pad by Delete.

    Parameters
    ----------
    n : int
        Pads, from 1 to 12.

    Returns
    -------
    Drawing
        Show it in a notebook; ``drawing.x`` is what stands on the pads that are not empty.

    Raises
    ------
    ValueError
        Where `n` is no such number.

    Examples
    --------
    >>> import genlab as gl
    >>> drawing = gl.draw(n=3)
    >>> drawing.x.shape  # nothing is drawn yet
    (0, 28, 28)
    """
    if not is_whole(n, 1, MOST):
        raise ValueError(f"n={n!r}: must be a whole number of pads from 1 to {MOST}")
    return Drawing(n)


class Drawing:
    """What a reader draws, see :func:`draw`."""

    def __init__(self, n):
        self._pads = Pads(n=n, ink=bytes(n * SIDE**2))

    @property
    def pads(self):
        """What stands on each pad, the empty ones too: (n, 28, 28), from 0 (paper) to 255 (ink)."""
        return np.frombuffer(self._pads.ink, np.uint8).reshape(-1, SIDE, SIDE).copy()

    @property
    def drawn(self):
        """Which pads are not empty: (n,) of bool."""
        return self.pads.any((1, 2))

    @property
    def x(self):
        """The pads that are not empty, each as MNIST has its digits: (drawn, 28, 28).

        Scaled so that the longer side of the ink is 20 pixels, the ink's centre of mass in the middle (LeCun et al., 1998).
        """
        return np.stack([_centred(pad) for pad in self.pads[self.drawn]]) if self.drawn.any() else self.pads[:0]

    def clear(self):
        """Empty all pads."""
        self._pads.ink = bytes(len(self._pads.ink))

    def _repr_mimebundle_(self, include=None, exclude=None):
        view = dict(version_major=2, version_minor=0, model_id=self._pads.model_id)
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": repr(self)}

    def __repr__(self):
        return f"Drawing({self.drawn.sum()} of {self._pads.n} pads drawn on)"


def _centred(pad):
    """One pad (28, 28) at the size and place that MNIST gives its digits."""
    from scipy import ndimage

    rows, columns = np.nonzero(pad)
    cut = pad[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].astype(float)
    cut = np.clip(ndimage.zoom(cut, 20 / max(cut.shape), order=1), 0, 255)  # at most 20 by 20
    middle = [round(part) for part in ndimage.center_of_mass(cut)]
    sheet = np.zeros((3 * SIDE, 3 * SIDE))  # room for ink that lies far off its centre
    top, left = (SIDE + SIDE // 2 - m for m in middle)
    sheet[top : top + cut.shape[0], left : left + cut.shape[1]] = cut
    return np.rint(sheet[SIDE : 2 * SIDE, SIDE : 2 * SIDE]).astype(np.uint8)
