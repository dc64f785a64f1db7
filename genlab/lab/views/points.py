"""Rows as points in the plane."""

import numpy as np
import torch

from genlab import plots
from genlab.lab.views.view import View

POINTS, GRID = 300, 36  # of each kind; places along a side of the discriminator's map


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
        numbers, arrays = super().look()
        return numbers, arrays | (dict(belief=self._belief()) if self.map else {})

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
