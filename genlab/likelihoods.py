"""How a decoder's outputs say which numbers a row may hold: one class a likelihood, for :mod:`genlab.vae`.

Numbers are as networks see them: images from -1 to 1, points with mean 0 and sd 1. A row has D of them.
What one number needs of another is not here: given its code, the numbers of a row are independent.
"""

import math

import torch
from torch.nn.functional import logsigmoid, softplus
from torch.special import ndtri


class Likelihood:
    """Base: what a class of your own must have. `hp` are the knobs of the model, read anew each time.

    Parameters
    ----------
    levels : int or None
        Number of evenly spaced values that a number can take, where the data say.
    """

    outputs = 1  # of the decoder, for each number of a row
    takes = "any"  # numbers; or those of a "range", from -1 to 1; or the evenly spaced "levels" in it

    def __init__(self, levels=None):
        self.levels = levels

    def log_prob(self, x, out, hp):
        """Log of the probability of each number of x (B, D), of its density if it takes any, from out (B, D, outputs)."""
        raise NotImplementedError

    def mean(self, out, hp):
        """The numbers that are expected: (B, D)."""
        raise NotImplementedError

    def draw(self, out, hp, u):
        """The numbers below which a share u of the probability lies, u (B, D) uniform between 0 and 1: (B, D)."""
        raise NotImplementedError


class Bernoulli(Likelihood):
    """Black or white. A grey pixel counts as the share of white in it, which is then no true probability."""

    takes = "range"

    def log_prob(self, x, out, hp):
        return (x + 1) / 2 * out[..., 0] - softplus(out[..., 0])

    def mean(self, out, hp):
        return (out[..., 0] / 2).tanh()

    def draw(self, out, hp, u):
        return torch.where(u > (-out[..., 0]).sigmoid(), 1.0, -1.0).to(out)


class Gaussian(Likelihood):
    """Normal with a sigma that you choose: the smaller it is, the more a wrong number costs."""

    def log_sigma(self, out, hp):
        return out.new_tensor(hp.sigma).log()

    def log_prob(self, x, out, hp):
        log_sigma = self.log_sigma(out, hp)
        return -((x - out[..., 0]) / log_sigma.exp()).square() / 2 - log_sigma - math.log(2 * math.pi) / 2

    def mean(self, out, hp):
        return out[..., 0]

    def draw(self, out, hp, u):
        return out[..., 0] + self.log_sigma(out, hp).exp() * ndtri(u)


class LearnedSigma(Gaussian):
    """Normal with a sigma that is learned (as Rybkin et al., 2021; here the decoder tells it anew for each row).

    One for all numbers of a row: with one each, a pixel that never changes would take all the gain.
    """

    outputs = 2

    def log_sigma(self, out, hp):
        return out[..., 1].mean(-1, keepdim=True).clamp(-7, 7)  # (B, 1)


class DiscretisedLogistic(Likelihood):
    """Probabilities of levels: each has the piece of a logistic distribution around it (Salimans et al., 2017)."""

    outputs, takes = 2, "levels"

    def pieces(self, out):
        """Place and width of each logistic distribution, (B, D) each, and half the step from level to level."""
        return out[..., 0], out[..., 1].clamp(-7, 7).exp(), 1 / (self.levels - 1)

    def log_prob(self, x, out, hp):
        place, width, half = self.pieces(out)
        lowest, highest = x < half - 1, x > 1 - half  # their pieces have no end
        below, above = logsigmoid((x + half - place) / width), logsigmoid((place - x + half) / width)
        # s(a) - s(b) = s(a) s(-b) (1 - exp(b - a)) for the sigmoid s; far out the left side would be 0, its log infinite
        both = (-torch.expm1(-2 * half / width)).log()
        return below.masked_fill(highest, 0) + above.masked_fill(lowest, 0) + both.masked_fill(lowest | highest, 0)

    def mean(self, out, hp):
        place, width, half = self.pieces(out)
        edges = [half * (2 * k + 1) - 1 for k in range(self.levels - 1)]
        return 2 * half * sum(((place - edge) / width).sigmoid() for edge in edges) - 1  # one level up an edge passed

    def draw(self, out, hp, u):
        place, width, half = self.pieces(out)
        level = ((place + width * u.logit() + 1) / (2 * half)).round()
        return level.clamp(0, self.levels - 1) * (2 * half) - 1
