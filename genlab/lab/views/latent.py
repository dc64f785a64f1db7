"""The latent space of a VAE with two numbers a code, as a map to walk in."""

import math
import numbers

import numpy as np
import torch

from genlab import plots
from genlab.lab.views.images import brightness
from genlab.lab.views.view import View
from genlab.rows import is_whole

CODES, STOPS = 300, 9  # real rows on the map; images on the way from one place to another
REACH, FAR = 3.0, 50.0  # of the map at least, and of a place that can be asked for


class LatentMap(View):
    """Where the encoder puts real rows, each drawn as its label, and what the decoder makes on a way through the map."""

    kind = "latent"

    def __init__(self, model, data):
        super().__init__(model, data, min(CODES, len(data)))
        self.way, self.label, self.reach = [[-2.0, 0.0], [2.0, 0.0]], 0, REACH

    def ask(self, question):
        match question:
            case {"way": [[a, b], [c, d]]} if all(_is_place(value) for value in (a, b, c, d)):
                self.way = [[float(a), float(b)], [float(c), float(d)]]
            case {"label": label} if is_whole(label, 0, self.model.classes - 1):
                self.label = int(label)
            case _:
                raise ValueError(
                    f"{question!r}: ask for way=[[x, y], [x, y]], two places at most {FAR:g} from 0"
                    + (f", or label= from 0 to {self.model.classes - 1}" if self.model.classes else "")
                )

    def scene(self):
        numbers = dict(
            kind=self.kind, title=self.data.name, labelled=self.data.y is not None, classes=self.model.classes
        )
        labels = torch.zeros(self.n) if self.data.y is None else self.data.y[self.rows]
        return numbers, dict(labels=labels.byte().numpy())

    def look(self):
        places = self._places()
        far = float(np.quantile(np.abs(places), 0.99)) if np.isfinite(places).all() else 0.0
        if far > self.reach or far < self.reach / 2:  # in strides, so that the map does not tremble
            self.reach = min(FAR, max(REACH, 1.25 * far))
        start, end = torch.tensor(self.way)
        z = start + torch.linspace(0, 1, STOPS)[:, None] * (end - start)  # (STOPS, 2)
        images = self.model.decode(z, y=self._label())
        numbers = dict(bounds=[-self.reach, self.reach, -self.reach, self.reach], way=self.way, label=self.label)
        return numbers, dict(places=places, images=brightness(images, self.data.range))

    def draw_on(self, ax, look=None):
        numbers, arrays = look or self.look()
        left, right, low, high = numbers["bounds"]
        labels = None if self.data.y is None else self.data.y[self.rows]
        plots.labelled(ax, arrays["places"], labels)
        ax.set(xlim=(left, right), ylim=(low, high))
        return ax

    def _places(self):
        """Means of the codes of the real rows, (n, 2)."""
        return self.model.encode(self.real, y=self.label_real)[0].cpu().numpy().astype(np.float32)

    def _label(self):
        return self.label if self.model.classes else None


def _is_place(value):
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    return real and math.isfinite(value) and abs(value) <= FAR
