"""What goes into an autoregressive model and comes out: values and text to codes, and codes drawn from probabilities.

Temperature, top-k and top-p are here; beam search is not.
"""

import math
import numbers
from typing import NamedTuple

import torch
from torch.nn.functional import pad

from genlab.rows import as_tensor, is_whole


class Codec(NamedTuple):
    """The way from native values and text to codes 0, 1, 2, ..., for rows of one kind."""

    shape: tuple
    levels: int
    symbols: str | None
    end: int | None
    scale: object

    @property
    def length(self):
        return math.prod(self.shape)

    def codes(self, values, name):
        """Codes of native values, of any shape."""
        codes = (values - self.scale.shift.flatten()[0]) / self.scale.factor.flatten()[0]
        wrong = (codes - codes.round()).abs().gt(1e-3) | codes.lt(-1e-3) | codes.gt(self.levels - 1 + 1e-3)
        if wrong.any():
            raise ValueError(
                f"{name} holds {values[wrong][0]:g}: that is none of the {self.levels} levels of this model"
            )
        return codes.round().long()

    def spell(self, text, name):
        """Codes (T,) of one text."""
        if not self.symbols:
            raise ValueError(f"{name}={text!r}: this model has no symbols for text; give its native values")
        unknown = sorted(set(text) - set(self.symbols))
        if unknown:
            named = ", ".join(map(repr, unknown))
            raise ValueError(f"{name}={text!r}: {named} not among the symbols of this model, {self.symbols!r}")
        return torch.tensor([self.symbols.index(symbol) for symbol in text], dtype=torch.long)

    def texts(self, texts):
        """Codes (n, T) of texts, each ended and filled."""
        rows = [self.spell(text, "x") for text in texts]
        for text in texts:
            if len(text) > self.length or len(text) < self.length and self.end is None:
                rule = "exactly" if self.end is None else "at most"
                raise ValueError(
                    f"x holds {text!r} of {len(text)} symbols: rows of this model have {rule} {self.length}"
                )
        return torch.stack([pad(row, (0, self.length - len(row)), value=self.end) for row in rows])

    def prefix(self, prefix, n, most):
        """Codes (n, L), or (1, L) for all rows alike, of how rows begin: text, or native values."""
        if prefix is None:
            return torch.empty(1, 0, dtype=torch.long)
        if isinstance(prefix, str):
            codes = self.spell(prefix, "prefix")[None]
        else:
            values = as_tensor(prefix, "prefix")
            values = values[None] if values.dim() < 2 else values
            if values.dim() != 2 or len(values) not in (1, n):
                raise ValueError(
                    f"prefix has shape {tuple(values.shape)}: give (L,) symbols, or ({n}, L) for a row each"
                )
            codes = self.codes(values.to(self.scale.factor), "prefix").cpu()
        if codes.shape[1] > most:
            raise ValueError(f"prefix has {codes.shape[1]} symbols: at most {most} fit here, in rows of {self.length}")
        if self.end is not None and (codes == self.end).any():
            raise ValueError(f"prefix={prefix!r}: the code {self.end} ends a row, so that nothing can follow it")
        return codes


def reshape(logits, *, temperature=1.0, top_k=0, top_p=1.0):
    """Probabilities (..., levels) to draw from: logits divided by the temperature, then the unlikely symbols left out.

    Parameters
    ----------
    logits : Tensor, shape (..., levels)
    temperature : float
        Below 1 makes the likely likelier.
    top_k : int
        Keep so many of the likeliest; 0 keeps all (Fan et al., 2018).
    top_p : float
        Keep the likeliest that have this probability together (Holtzman et al., 2020).
    """
    p = (logits / temperature).softmax(-1)
    if not top_k and top_p == 1:
        return p
    p, order = p.sort(dim=-1, descending=True, stable=True)
    if top_k:
        p[..., top_k:] = 0
        p = p / p.sum(-1, keepdim=True)
    p = p * (p.cumsum(-1) - p < top_p)  # the first is always kept
    return torch.zeros_like(p).scatter(-1, order, p / p.sum(-1, keepdim=True))


def draw(p, u):
    """Codes (...) drawn with probabilities p (..., levels), by numbers u (...) uniform between 0 and 1."""
    heights = p.double().cumsum(-1)
    return (heights <= u[..., None] * heights[..., -1:]).sum(-1).clamp(max=p.shape[-1] - 1)


def check_drawing(temperature, top_k, top_p):
    """Raise one ValueError that lists what cannot be drawn with."""
    wrong = []
    if not _is_number(temperature) or temperature <= 0:
        wrong.append(
            f"temperature={temperature!r}: must be a number above 0; for the likeliest symbol each time say top_k=1"
        )
    if not is_whole(top_k):
        wrong.append(f"top_k={top_k!r}: must be a whole number of symbols to keep, or 0 for all")
    if not _is_number(top_p) or not 0 < top_p <= 1:
        wrong.append(f"top_p={top_p!r}: must be above 0 and at most 1, which keeps all symbols")
    if wrong:
        raise ValueError("; ".join(wrong))


def _is_number(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
