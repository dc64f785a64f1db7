"""What a model and its data look like in a lab, one file a kind of picture."""

from genlab.lab.views.images import Images
from genlab.lab.views.latent import LatentMap
from genlab.lab.views.numbers import Numbers
from genlab.lab.views.points import Points
from genlab.lab.views.text import Text
from genlab.lab.views.view import View
from genlab.lab.views.words import part_sentence, players

__all__ = ["View", "part_sentence", "players", "view_of"]


def view_of(model, data):
    """The view for this model and data, or an error that says what can be drawn."""
    if data is None:
        return Numbers(model, data)
    if data.symbols and hasattr(model, "next"):
        return Text(model, data)
    if len(data.shape) == 3:
        mapped = hasattr(model, "decode") and getattr(model.hp, "latent_dim", None) == 2
        return (LatentMap if mapped else Images)(model, data)
    if data.shape[0] >= 2:
        return Points(model, data)
    raise ValueError(
        f"data {data.name!r} have rows of shape {data.shape}: a lab draws points of 2 or more columns, images, and texts"
    )
