"""A lab as a still picture with alt text, for pages without a kernel."""

import base64
import html
import io

from matplotlib.figure import Figure

from genlab import plots


class Still(Figure):
    """A matplotlib figure that shows itself in a notebook with its alternative text, and needs no pyplot."""

    @property
    def alt(self):
        return plots.describe(self)

    def png(self, dpi=100):
        """The picture as bytes of a PNG file."""
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=dpi)
        return file.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None):
        png = self.png()
        src = base64.b64encode(png).decode()
        tag = f'<img alt="{html.escape(self.alt)}" style="max-width: 100%" src="data:image/png;base64,{src}">'
        return {"text/html": tag, "image/png": png, "text/plain": self.alt}


def snapshot(lab, picture):
    """The picture, and beside it the curves of what the lab has learned so far."""
    history = lab.history
    figure = Still(figsize=(10.5, 3.6) if len(history) else (3.6, 3.6), layout="constrained")
    first, *others = figure.subplots(1, 3 if len(history) else 1, squeeze=False).ravel()
    picture.draw_on(first)
    first.set_title(lab.status, fontsize="small", wrap=True)
    first.genlab_description = f"{lab.status}. {first.genlab_description}"
    if others:
        names = [name for name in history if name not in lab.scores]
        losses, unit = picture.drawn(names), picture.unit(names)
        plots.curves(others[0], history, names=losses, log=lab.log, title=unit)
        name = next(iter(lab.scores), None)
        if name in history and history[name].notna().any():
            plots.curves(others[1], history, names=[name], floor=getattr(lab.scores[name], "floor", None), title=name)
        else:
            others[1].set_axis_off()
    return figure
