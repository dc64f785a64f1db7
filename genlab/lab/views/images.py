"""Rows as images."""

import torch

from genlab import plots
from genlab.lab.views.view import View

ROWS, BYTES = 6, 40_000  # rows of made images at most, and what they may weigh in a frame
ROWS_WRITTEN = 2  # of images that are drawn pixel by pixel, which takes long


def brightness(x, limits):
    """Images (n, channels, height, width) as bytes from 0 to 255, (n, height, width, 3 or 1)."""
    low, high = limits
    x = x if x.shape[1] == 3 else x[:, :1]
    x = ((x - low) / (high - low)).nan_to_num(0.0).clamp(0, 1) * 255
    return x.round().byte().permute(0, 2, 3, 1).cpu().numpy()


class Images(View):
    """A grid of made images above some real ones; in a conditional model a column a label."""

    kind = "images"

    def __init__(self, model, data):
        channels, height, width = data.shape
        self.channels = 3 if channels == 3 else 1
        columns = model.classes if 2 <= model.classes <= 12 else 8
        most = ROWS_WRITTEN if hasattr(model, "next") else ROWS
        rows = min(most, max(1, BYTES // (columns * height * width * self.channels)))
        self.columns = columns
        super().__init__(model, data, columns * rows)
        self.shown = self.rows[: 2 * columns]
        of = [(data.y == c).nonzero().flatten() for c in range(model.classes)]
        self.labelled = model.classes == columns and all(len(rows) for rows in of)
        if self.labelled:  # two real rows under each label
            self.shown = torch.stack([rows[i] for i in (0, -1) for rows in of])

    def draw(self, x):
        return brightness(x, self.data.range)

    def draw_on(self, ax, look=None):
        made = (look or self.look())[1]["made"]  # (n, height, width, 3 or 1)
        return plots.images(ax, made.mean(3)[:, None], columns=self.columns, limits=(0, 255))

    def scene(self):
        numbers = dict(kind=self.kind, title=self.data.name, columns=self.columns, count=self.n)
        if self.labelled:
            numbers["labels"] = [str(c) for c in range(self.columns)]
        return numbers, dict(real=self.draw(self.data.x[self.shown]))
