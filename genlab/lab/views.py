"""What a model and its data look like: one small class a kind of picture, and what a GAN adds to it.

A view gives a *scene* once (what does not move: bounds, names, real rows) and a *look* for each frame (what moves), both
as dicts that ``frames.pack`` takes. ``canvas.js`` has a painter of the same name for each. Looks use fixed noise, so
that samples move instead of flickering, and none of the model's random streams, so that looking never changes learning.
"""

import math

import numpy as np
import torch

from genlab import plots
from genlab.parts import LOOK, Streams

SEED = 20  # of all looks
POINTS, GRID = 300, 36  # of each kind; places along a side of the discriminator's map
ROWS, BYTES = 6, 40_000  # rows of made images at most, and what they may weigh in a frame
SCORED, VALUES = 1000, 2_000_000  # samples that a score is taken of, and the numbers in them at most

PLAYERS = {  # what a step of one player alone is: knobs, so that it can be replayed from the log
    "d": dict(d_every=1, g_every=0),
    "g": dict(d_every=0, g_every=1),
}


class View:
    """What every picture shares: fixed noise, fixed real rows, and a GAN's opinions where the model has a discriminator."""

    kind = None  # name of the painter in canvas.js

    def __init__(self, model, data, n):
        self.model, self.data, self.n = model, data, n
        order = torch.randperm(len(data), generator=torch.Generator().manual_seed(SEED))
        self.rows = order[:n]
        self.real = data.x[self.rows]
        self.y = self.label_real = None
        if model.classes:
            self.y = (torch.arange(n) % model.classes).to(model.device)
            self.label_real = data.y[self.rows].to(model.device)
        self.noise = Streams(SEED, LOOK).normal(n, model.hp.latent_dim) if hasattr(model, "make") else None

    def made(self):
        """Samples (n, *shape) of the same noise each time."""
        if self.noise is None:
            return self.model.sample(self.n, seed=SEED).cpu()
        return self.model.make(self.noise, y=self.y).cpu()

    def scored(self):
        """The samples that scores are taken of (m, *shape)."""
        most = max(100, VALUES // math.prod(self.data.shape))
        return self.model.sample(min(SCORED, most), seed=SEED).cpu()

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
        """What does not move: (dict of JSON values, dict of arrays)."""
        return dict(kind=self.kind, title=self.data.name), dict(real=self.draw(self.real))

    def look(self):
        """What moves: dict of arrays."""
        return dict(made=self.draw(self.made()))

    def draw(self, x):
        """Rows as the numbers that the painter wants."""
        raise NotImplementedError

    def draw_on(self, ax):
        """The same picture, still, on matplotlib axes."""
        raise NotImplementedError


class Points(View):
    """Rows as points in the plane of their first two columns, over the discriminator's belief where there are just two."""

    kind = "points"

    def __init__(self, model, data):
        super().__init__(model, data, min(POINTS, len(data)))
        low, high = data.x[:, :2].amin(0), data.x[:, :2].amax(0)
        middle, reach = (low + high) / 2, (high - low) / 2 * 1.35
        if reach.max() < 3 * reach.min():  # alike enough to be drawn on one scale
            reach = reach.max().expand(2)
        reach = torch.where(reach > 0, reach, torch.ones_like(reach))
        self.low, self.high = middle - reach, middle + reach
        self.map = hasattr(model, "score") and data.shape == (2,)
        if self.map:
            across = torch.linspace(0, 1, GRID + 1)[:-1] + 0.5 / GRID  # middles of the fields
            x, y = (self.low[i] + across * (self.high[i] - self.low[i]) for i in (0, 1))
            self.places = torch.stack([x.repeat(GRID), y.flip(0).repeat_interleave(GRID)], 1)  # rows from the top

    def draw(self, x):
        return x[:, :2].numpy().astype(np.float32)

    def scene(self):
        numbers, arrays = super().scene()
        box = [float(v) for v in (self.low[0], self.high[0], self.low[1], self.high[1])]
        return numbers | dict(bounds=box, map=self.map, count=self.n), arrays

    def draw_on(self, ax):
        if self.map:
            bounds = [float(v) for v in (self.low[0], self.high[0], self.low[1], self.high[1])]
            plots.belief(ax, self._score, bounds)
        return plots.points(ax, self.real[:, :2], self.made()[:, :2])

    def look(self):
        return super().look() | (dict(belief=self._belief()) if self.map else {})

    def _belief(self):
        """Belief that a place is real, (GRID, GRID) from 0 to 255."""
        belief = torch.sigmoid(self._score(self.places)).nan_to_num(0.5) * 255
        return belief.round().byte().reshape(GRID, GRID).cpu().numpy()

    def _score(self, places):
        """The discriminator's scores of places (n,); of the label that suits each best, where there are labels."""
        model, n = self.model, len(places)
        if model.classes:
            y = torch.arange(model.classes, device=model.device).repeat_interleave(n)
            score = model.score(places.repeat(model.classes, 1), y=y).reshape(-1, n).amax(0)
        else:
            score = model.score(places)
        if getattr(model.hp, "loss", None) == "wasserstein":  # its scores have no zero and no unit
            score = (score - score.mean()) / (score.std() + 1e-12)
        return score


class Images(View):
    """A grid of made images above some real ones; in a conditional model a column a label."""

    kind = "images"

    def __init__(self, model, data):
        channels, height, width = data.shape
        self.channels = 3 if channels == 3 else 1
        columns = model.classes if 2 <= model.classes <= 12 else 8
        rows = min(ROWS, max(1, BYTES // (columns * height * width * self.channels)))
        self.columns = columns
        super().__init__(model, data, columns * rows)
        self.shown = self.rows[: 2 * columns]
        of = [(data.y == c).nonzero().flatten() for c in range(model.classes)]
        self.labelled = model.classes == columns and all(len(rows) for rows in of)
        if self.labelled:  # two real rows under each label
            self.shown = torch.stack([rows[i] for i in (0, -1) for rows in of])

    def draw(self, x):
        low, high = self.data.range
        x = x[:, :3] if self.channels == 3 else x[:, :1]
        x = ((x - low) / (high - low)).nan_to_num(0.0).clamp(0, 1) * 255
        return x.round().byte().permute(0, 2, 3, 1).numpy()  # (n, height, width, channels)

    def draw_on(self, ax):
        return plots.images(ax, self.made()[:, :1], columns=self.columns, limits=self.data.range)

    def scene(self):
        numbers = dict(kind=self.kind, title=self.data.name, columns=self.columns, count=self.n)
        if self.labelled:
            numbers["labels"] = [str(c) for c in range(self.columns)]
        return numbers, dict(real=self.draw(self.data.x[self.shown]))


def view_of(model, data):
    """The view for this model and data, or an error that says what can be drawn."""
    if len(data.shape) == 3:
        return Images(model, data)
    if data.shape[0] >= 2:
        return Points(model, data)
    raise ValueError(
        f"data {data.name!r} have rows of shape {data.shape}: a lab draws points of 2 or more columns, and images"
    )


def players(model):
    """The players that can take a step alone: {} unless the model has the knobs for it."""
    return {name: knobs for name, knobs in PLAYERS.items() if all(hasattr(model.hp, knob) for knob in knobs)}


def sentence(step, scores, data, lead):
    """What is happening, made from numbers: "step 400: 3 of 8 modes, the two are level (right on 60% of pairs)"."""
    parts = []
    if "modes" in scores and data.modes is not None:
        parts.append(f"{scores['modes']:.0f} of {len(data.modes)} modes")
    elif scores:
        name, value = next(iter(scores.items()))
        floor = getattr(value, "floor", float("nan"))
        parts.append(f"{name} {value:.2g}" + (f" (real data among themselves {floor:.2g})" if floor == floor else ""))
    if lead is not None and step:  # before the first step a lead is chance
        bounds = ((0.95, "discriminator far ahead"), (0.75, "discriminator ahead"), (0.4, "the two are level"))
        who = next((words for bound, words in bounds if lead >= bound), "generator ahead")
        parts.append(f"{who} (right on {lead:.0%} of pairs)")
    return f"step {step:,}" + (": " + ", ".join(parts) if parts else "")
