"""A loop of the reader's own: its numbers, since nobody knows what it makes."""

from genlab import plots
from genlab.lab.views.view import View

CURVES, SAID = 6, 4  # of a loop's numbers that are drawn, and that are said


class Numbers(View):
    """The newest numbers of a loop, which the frame has beside its curves anyway."""

    kind = "numbers"

    def __init__(self, model, data):
        self.model, self.data, self.n = model, data, 0

    def scene(self):
        return dict(kind=self.kind, title=self.model.name), {}

    def look(self):
        return {}, {}

    def drawn(self, names):
        return list(names)[:CURVES]

    def unit(self, names):
        return "by step"

    def sentence(self, book):
        newest = [f"{name} {column[-1]:.3g}" for name, column in book.columns.items()][:SAID]
        return f"step {self.model.step:,}" + (": " if newest else "") + ", ".join(newest)

    def draw_on(self, ax, look=None):
        ax.set_axis_off()
        plots.describe(ax, f"No picture: {self.model.name} is a loop of its own.")
        return ax
