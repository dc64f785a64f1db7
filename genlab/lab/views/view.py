"""What every picture of a lab shares. Each kind of picture is a file here, with a painter of the same name in the browser.

A view gives a *scene* once (what does not move: bounds, names, real rows) and a *look* for each frame (what moves), both
as (dict of JSON values, dict of arrays) for ``frames.pack``. It may take *questions* from its reader: what lies at this
place, what follows this text. Looks use fixed noise, so that samples move instead of flickering, and none of the model's
random streams, so that looking never changes learning.
"""

import math

import torch

from genlab.lab.views.words import UNITS, sentence
from genlab.parts import LOOK, Streams

SEED = 20  # of all looks
SCORED, VALUES = 1000, 2_000_000  # samples that a score is taken of, and the numbers in them at most
WRITTEN = 8_000  # symbols in them at most, where a model draws one after another


class View:
    """What every picture shares: fixed noise, fixed real rows, and a GAN's opinions where the model has a discriminator.

    Parameters
    ----------
    model : Model
    data : Dataset
    n : int
        Samples to show.
    """

    kind = None  # name of the picture in the browser
    y = None  # labels of the samples shown (n,), or None

    def __init__(self, model, data, n):
        self.model, self.data, self.n = model, data, n
        order = torch.randperm(len(data), generator=torch.Generator().manual_seed(SEED))
        self.rows = order[:n]
        self.real = data.x[self.rows]
        self.label_real = None
        if model.classes:
            self.y = (torch.arange(n) % model.classes).to(model.device)
            self.label_real = data.y[self.rows].to(model.device)
        self.noise = Streams(SEED, LOOK).normal(n, model.hp.latent_dim) if hasattr(model, "make") else None

    def made(self):
        """Samples (n, *shape) of the same noise each time."""
        if self.noise is None:
            return self.model.sample(self.n, y=self.y, seed=SEED).cpu()
        return self.model.make(self.noise, y=self.y).cpu()

    @property
    def counted(self):
        """Number of samples that scores are taken of."""
        most = max(50, (WRITTEN if hasattr(self.model, "next") else VALUES) // math.prod(self.data.shape))
        return min(SCORED, most)

    def scored(self):
        """The samples that scores are taken of (m, *shape)."""
        return self.model.sample(self.counted, seed=SEED).cpu()

    def lead(self):
        """How often a real row scores above a made one: 0.5 when the discriminator cannot tell, None without one."""
        if not hasattr(self.model, "score"):
            return None
        real = self.model.score(self.real, y=self.label_real)  # (n,)
        made = self.model.score(self.made(), y=self.y)
        if not (torch.isfinite(real).all() and torch.isfinite(made).all()):
            return None
        return ((real[:, None] > made).double() + (real[:, None] == made) / 2).mean().item()

    def scene(self):
        """What does not move."""
        return dict(kind=self.kind, title=self.data.name), dict(real=self.draw(self.real))

    def look(self):
        """What moves."""
        return {}, dict(made=self.draw(self.made()))

    def ask(self, question):
        """Take a reader's question, a dict; the next look answers it. Raises ValueError where it cannot be asked."""
        raise ValueError(f"this picture takes no questions: {question!r}")

    def drawn(self, names):
        """Which of a loop's numbers are drawn as curves: the losses, or all of a loop that has none."""
        return [name for name in names if name.startswith("loss")] or list(names)

    def unit(self, names):
        """What the curves are measured in."""
        return UNITS.get(next(iter(names), None), "loss")

    def sentence(self, book):
        """What is happening now, for the status line."""
        return sentence(self.model.step, book.newest, self.data, self.lead(), book.recent)

    def draw(self, x):
        """Rows as the numbers that the painter wants."""
        raise NotImplementedError

    def draw_on(self, ax, look=None):
        """The same picture, still, on matplotlib axes: of what :meth:`look` gave, without it of the present."""
        raise NotImplementedError
