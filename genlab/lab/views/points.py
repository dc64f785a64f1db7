"""Rows as points in the plane, in layers that can be seen alone."""

import math

import numpy as np
import torch

from genlab import plots
from genlab.lab.views.view import View

POINTS, GRID = 300, 36  # of each kind; places along a side of the discriminator's map
LINES, PULLS = 15, 100  # of the generator's grid in each direction; made points whose pull is shown
EDGE = 0.02  # of the noise that lies outside the grid, on each side
LAYERS = {  # name: what it takes from the model
    "real": (),
    "made": (),
    "belief": ("score",),
    "grid": ("make",),
    "pull": ("pull",),
}


class Points(View):
    """Rows as points in the plane of their first two columns, over layers that say what the networks do.

    Layers, of which the reader chooses: the real and the made rows; where rows have just these two columns also the
    discriminator's belief, the generator's warped grid of noise, and how each made row is pulled.
    """

    kind = "points"

    def __init__(self, model, data):
        super().__init__(model, data, min(POINTS, len(data)))
        low, high = data.x[:, :2].amin(0), data.x[:, :2].amax(0)
        middle, reach = (low + high) / 2, (high - low) / 2 * 1.35
        if reach.max() < 3 * reach.min():  # alike enough to be drawn on one scale
            reach = reach.max().expand(2)
        reach = torch.where(reach > 0, reach, torch.ones_like(reach))
        self.low, self.high = middle - reach, middle + reach
        plane = data.shape == (2,)
        self.able = [name for name, needs in LAYERS.items() if all(plane and hasattr(model, need) for need in needs)]
        self.layers = [name for name in ("real", "made", "belief") if name in self.able]
        across = torch.linspace(0, 1, GRID + 1)[:-1] + 0.5 / GRID  # middles of the fields
        x, y = (self.low[i] + across * (self.high[i] - self.low[i]) for i in (0, 1))
        self.places = torch.stack([x.repeat(GRID), y.flip(0).repeat_interleave(GRID)], 1)  # rows from the top

    def ask(self, question):
        match question:
            case {"layers": list(names)} if all(name in self.able for name in names):
                self.layers = [name for name in self.able if name in names]
            case _:
                raise ValueError(f"{question!r}: ask for layers=, a list of some of {', '.join(self.able)}")

    def draw(self, x):
        return x[:, :2].cpu().numpy().astype(np.float32)

    def scene(self):
        numbers, arrays = super().scene()
        return numbers | dict(bounds=self._bounds(), able=self.able, count=self.n, source=self.data.source), arrays

    def look(self):
        made = self.made()
        looks = dict(
            made=lambda: self.draw(made),
            belief=self._belief,
            grid=self._grid,
            pull=lambda: self._pull(made[:PULLS]),
        )
        arrays = {name: look() for name, look in looks.items() if name in self.layers}
        return dict(layers=self.layers), arrays

    def draw_on(self, ax, look=None):
        numbers, arrays = look or self.look()
        layers, bounds = numbers["layers"], self._bounds()
        if "belief" in layers:
            plots.belief(ax, arrays["belief"] / np.float32(255), bounds)
        if "grid" in layers:
            plots.warped(ax, arrays["grid"])
        real, made = self.real[:, :2] if "real" in layers else None, arrays.get("made")
        if "pull" in layers:
            plots.arrows(ax, arrays["pull"])
        plots.points(ax, real, made)
        ax.set(xlim=bounds[:2], ylim=bounds[2:])
        return ax

    def _bounds(self):
        return [float(v) for v in (self.low[0], self.high[0], self.low[1], self.high[1])]

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

    def _grid(self):
        """Where the generator puts a grid of noise with as much probability in each field, (LINES, LINES, 2)."""
        share = torch.linspace(EDGE, 1 - EDGE, LINES, dtype=torch.float64)
        along = math.sqrt(2) * torch.erfinv(2 * share - 1)  # quantiles of a normal distribution
        z = torch.zeros(LINES**2, self.model.hp.latent_dim)
        z[:, 0] = along.repeat(LINES)
        if z.shape[1] > 1:
            z[:, 1] = along.repeat_interleave(LINES)
        y = torch.zeros(len(z), dtype=torch.long) if self.model.classes else None
        return self.draw(self.model.make(z, y=y)).reshape(LINES, LINES, 2)

    def _pull(self, made):
        """Made points and where each is drawn, the longest a twelfth of the picture: (n, 4) as x, y, dx, dy."""
        y = None if self.y is None else self.y[: len(made)]
        pull = self.model.pull(made, y=y)[:, :2].cpu().nan_to_num(0.0)
        longest = pull.norm(dim=1).max().clamp(min=1e-12)
        reach = (self.high - self.low).min() / 12
        return torch.cat([made[:, :2], pull / longest * reach], 1).numpy().astype(np.float32)
