"""Variational autoencoder (Kingma and Welling, 2014; Rezende et al., 2014): two networks that learn to describe rows.

The encoder says which codes may lie behind a row, the decoder which rows may come of a code. Both learn by the evidence
lower bound (ELBO), which lies below the log-likelihood of the rows.
Read this file from top to bottom: the likelihoods, the knobs, the loop, the object that holds them together.
Convolutional networks, learned priors and hierarchies of codes are not here.
"""

import dataclasses
import math

import numpy as np
import torch

from genlab.datasets import Dataset
from genlab.likelihoods import Bernoulli, DiscretisedLogistic, Gaussian, LearnedSigma
from genlab.model import Model
from genlab.parts import MLP, Adam, Params, knob, set_optimiser
from genlab.rows import MAX_LEVELS, is_whole

# Each likelihood says how probable a row is, given what the decoder puts out.
# Add a class of your own under a new name (see genlab.likelihoods.Likelihood) and pass that name as likelihood=.
LIKELIHOODS = {
    "bernoulli": Bernoulli,
    "gaussian": Gaussian,
    "learned sigma": LearnedSigma,
    "discretised logistic": DiscretisedLogistic,
}

RECIPES = {  # knobs that were measured to work on the shipped data: VAE(data, **RECIPES[data.name])
    "ring": dict(likelihood="learned sigma"),
    "digits": dict(likelihood="discretised logistic", latent_dim=8, batch_size=64),
}


@dataclasses.dataclass
class VAEParams(Params):
    """Knobs of a VAE. Live ones can change while it learns; the others need a new model."""

    hidden: int = knob(128, 1, 512, scale="log", live=False, help="Units in each hidden layer of both networks.")
    latent_dim: int = knob(2, 1, 128, scale="log", live=False, help="Numbers in the code of one row.")
    likelihood: str = knob("bernoulli", choices=LIKELIHOODS, live=False, help="How a decoder's outputs become numbers.")
    sigma: float = knob(1.0, 1e-3, 1e3, scale="log", help="Of the Gaussian likelihood; half an image's range is 1.")
    beta: float = knob(1.0, 0.0, 1000.0, scale="log", help="Weight of the KL divergence; 1 makes the loss a bound.")
    free_bits: float = knob(0.0, 0.0, 100.0, help="Nats of KL that each number of the code has for free.")
    mask_rate: float = knob(0.0, 0.0, 1.0, live=False, help="Up to this share of a row is hidden, to learn to fill it.")
    lr: float = knob(2e-3, 0.0, 1.0, scale="log", help="Step size of both networks.")
    beta1: float = knob(0.9, 0.0, 0.999, help="Adam's memory of the gradient.")
    beta2: float = knob(0.999, 0.0, 0.9999, help="Adam's memory of the gradient's size.")
    batch_size: int = knob(128, 1, 4096, scale="log", help="Rows in one step.")


def hide(x, rate, rng):
    """What of x may be seen, as 1 and 0: every row hides a share of its own, up to `rate`. None where all may be seen."""
    if rate == 0:
        return None
    share = rate * rng.uniform(x.shape[-2], 1)  # (B, 1)
    return (rng.uniform(*x.shape[-2:]) >= share).to(x)  # (B, D)


def encode(encoder, x, seen, y):
    """Mean and log-variance of the codes that may lie behind each row, normal and independent: (B, latent_dim) each."""
    if seen is not None:
        x = torch.cat([x * seen, seen], -1)  # (B, 2 D): a hidden number is told from one that is 0
    return encoder(x, y).unbind(-2)


def total(log_p, seen):
    """Log-probability of what is seen of each row: the sum over its numbers, (B, D) to (B,). A mean would weigh KL by D."""
    return (log_p if seen is None else log_p * seen).sum(-1)


def vae_steps(encoder, decoder, likelihood, optimiser, batches, hp, rng, stages=False):
    """The training loop of a VAE: an endless generator of records, one a step.

    Parameters
    ----------
    encoder, decoder : Module
        Rows (B, D) to means and log-variances (B, 2, latent_dim); codes (B, latent_dim) to what the likelihood takes
        (B, D, outputs). In a stack all have K first. With a `mask_rate` the encoder takes (B, 2 D).
    likelihood : Likelihood
        What the decoder's outputs mean.
    optimiser : Adam
        Of both networks.
    batches : iterable of (step, x, y)
        Rows (B, *shape) and their labels (B,) or None.
    hp : VAEParams
        Read at every step, so that a change is live.
    rng : Streams
        Where the codes' noise and the masks come from.
    stages : bool
        Yield also after each of the three parts of a step, to watch it from inside.

    Yields
    ------
    dict
        "step", and in nats a row, of scaled values: "elbo", and its two parts, "reconstruction" minus "kl": scalars,
        or (K,) in a stack.
    """
    for step, x, y in batches:
        set_optimiser(optimiser, hp.lr, hp.beta1, hp.beta2)
        record = {"step": step}

        # 1. Encode: each row becomes a cloud of codes. One is drawn so that gradients reach mean and width.
        x = x.flatten(encoder.row_axes)  # (B, D)
        seen = hide(x, hp.mask_rate, rng)
        mean, log_var = encode(encoder, x, seen, y)  # (B, latent_dim)
        z = mean + (log_var / 2).exp() * rng.normal(*mean.shape[-2:])
        if stages:
            yield record | {"stage": "encode"}

        # 2. Decode: how well does the code tell its row, and how much does it tell (nats from the prior, normal)?
        log_p = likelihood.log_prob(x, decoder(z, y), hp)  # (B, D)
        reconstruction = total(log_p, seen).mean(-1)  # () or (K,)
        kl = (mean.square() + log_var.exp() - 1 - log_var).mean(-2) / 2  # (latent_dim,)
        if stages:
            yield record | {"stage": "decode"}

        # 3. Improve: both networks learn to tell more for less.
        loss = hp.beta * kl.clamp(min=hp.free_bits).sum(-1) - reconstruction  # () or (K,)
        optimiser.zero_grad()
        loss.sum().backward()
        optimiser.step()
        reconstruction, kl = reconstruction.detach(), kl.detach().sum(-1)
        record |= {"elbo": reconstruction - kl, "reconstruction": reconstruction, "kl": kl}
        if stages:
            yield record | {"stage": "improve"}
        yield record


class VAE(Model):
    """A VAE with everything that its loop needs, made for `data`.

    Parameters
    ----------
    data : Dataset or array_like
        Only its shape, scale, levels and labels are taken; the rows are passed to :meth:`steps`.
    conditional : bool
        Whether both networks see the labels, so that ``sample(n, y=3)`` can ask for one.
    seed : int or sequence of int
        One model, or a stack with a member a seed that learns as each would alone.
    device : str
        "auto" takes a GPU where there is one.
    **knobs
        Those of :class:`VAEParams`.

    Examples
    --------
    >>> import genlab as gl
    >>> data = gl.datasets.digits()
    >>> vae = gl.VAE(data, latent_dim=2, seed=1)
    >>> run = gl.run(vae.steps(data), steps=10)
    >>> vae.sample(5).shape
    torch.Size([5, 1, 8, 8])

    Raises
    ------
    ValueError
        One message that lists every bad knob, seed and label; or that the likelihood does not suit the values.
    """

    Params = VAEParams
    facts = ("levels",)
    networks = ("encoder", "decoder")
    optimisers = ("optimiser",)

    @classmethod
    def fact_problems(cls, shape, levels):
        """What is wrong with the number of levels."""
        fine = levels is None or is_whole(levels, 2, MAX_LEVELS)
        return [] if fine else [f"levels={levels!r}: must be a whole number from 2 to {MAX_LEVELS:,}"]

    def build(self, init):
        """Make the networks from first weights drawn by `init`, and one optimiser for both."""
        hp, size = self.hp, math.prod(self.shape)
        self.likelihood = LIKELIHOODS[hp.likelihood](self.levels)
        seen = 2 * size if hp.mask_rate > 0 else size
        self.encoder = MLP(seen, hp.hidden, (2, hp.latent_dim), self.classes, init)
        self.decoder = MLP(hp.latent_dim, hp.hidden, (size, self.likelihood.outputs), self.classes, init)
        self.encoder.to(self.device), self.decoder.to(self.device)
        self.optimiser = Adam([*self.encoder.parameters(), *self.decoder.parameters()])

    def loop(self, batches, *, stages=False):
        return vae_steps(
            self.encoder, self.decoder, self.likelihood, self.optimiser, batches, self.hp, self.rng, stages
        )

    def unfit(self, x):
        takes, levels = self.likelihood.takes, self.levels
        if takes != "any" and not x.abs().max() <= 1 + 1e-4:
            need, mend = "values in a known range", "say range=(lowest, highest) of the data"
        elif takes == "levels" and levels is None:
            need, mend = "evenly spaced levels", "say levels= of the data, the number of their different values"
        elif takes == "levels" and ((x + 1) * (levels - 1) / 2 % 1 - 0.5).abs().min() < 0.49:
            need, mend = "evenly spaced levels", f"round the values to the {levels} levels of the data"
        else:
            return []
        others = [name for name, kind in LIKELIHOODS.items() if kind.takes == "any"]
        return [f"likelihood={self.hp.likelihood!r} needs {need}: {mend}, or take another, such as {others[0]!r}"]

    @torch.no_grad()
    def sample(self, n, *, y=None, seed=None, means=False):
        """Make n samples in native values: (n, *shape), or (K, n, *shape) from a stack.

        Parameters
        ----------
        n : int
        y : int or sequence of int, optional
            The label wanted, one for all or one each; without it a conditional VAE takes a random one each.
        seed : int, optional
            For the same draw every time. Looking never changes learning, with or without it.
        means : bool
            What is expected of each code instead of a draw: smoother, and not what the model believes rows to be.
        """
        n, stream = self._how_many(n), self._look(seed)
        y = self._labels(n, y, stream)
        z = stream.normal(n, self.hp.latent_dim)
        return self._native(self._values(self.decoder(z, y), None if means else stream))

    @torch.no_grad()
    def decode(self, z, *, y=None):
        """What is expected of codes z (n, latent_dim), and labels (n,) if conditional, in native values."""
        z = self._rows(z, (self.hp.latent_dim,), "z")
        return self._native(self._values(self.decoder(z, self._labels(z.shape[-2], y))))

    @torch.no_grad()
    def encode(self, x, *, y=None):
        """Mean and log-variance of the codes that may lie behind native rows x: (n, latent_dim) each."""
        return encode(self.encoder, *self._see(x, y))

    @torch.no_grad()
    def reconstruct(self, x, *, y=None):
        """Native rows x as the decoder gives them back from the mean of their codes."""
        x, seen, y = self._see(x, y)
        return self._native(self._values(self.decoder(encode(self.encoder, x, seen, y)[0], y)))

    @torch.no_grad()
    def elbo(self, x, *, y=None, samples=50, seed=None):
        """The bound that the loop raises, of native rows x: (n,), in nats, the mean over so many codes each."""
        return self._weighed(*self._see(x, y), samples, self._look(seed))[1].mean(-2) - self._stretch()

    @torch.no_grad()
    def log_likelihood(self, x, *, y=None, samples=500, seed=None):
        """The importance-weighted bound (Burda et al., 2016) of native rows x: (n,), in nats.

        It rises with the number of samples, from the ELBO at 1 towards the log-likelihood itself: of a density where
        the likelihood takes any numbers, else of a probability.
        """
        weights = self._weighed(*self._see(x, y), samples, self._look(seed))[1]
        return weights.logsumexp(-2) - math.log(samples) - self._stretch()

    def bits(self, x, *, y=None, samples=500, seed=None):
        """Bits a number (a pixel) that native rows x cost by that bound, on average: a scalar, or (K,) from a stack."""
        nats = self.log_likelihood(x, y=y, samples=samples, seed=seed).mean(-1)
        return -nats / (math.prod(self.shape) * math.log(2))

    @torch.no_grad()
    def impute(self, x, missing, *, y=None, draws=50, samples=200, seed=None):
        """Fill in what is missing, so many times: native rows (draws, n, *shape), or (K, draws, n, *shape).

        Codes are drawn by the encoder from what is seen, and chosen by their importance weights (Mattei and Frellsen,
        2019). Their mean is the best guess; their quantiles are intervals.

        Parameters
        ----------
        x : array_like, shape (n, *shape)
            Values where they are missing, NaN for example, are not looked at.
        missing : array_like of bool, shape (n, *shape) or (*shape)
            True where a number is to be filled in.
        draws, samples : int
            Fillings to make, and codes to choose them from.
        """
        if self.hp.mask_rate == 0:
            raise ValueError("impute: this encoder has only seen whole rows; make the VAE with mask_rate=0.8, say")
        _check_count(draws=draws, samples=samples)
        stream = self._look(seed)
        x, seen, y = self._see(x, y, missing)
        self._how_many(draws * x.shape[-2])
        z, weights = self._weighed(x, seen, y, samples, stream)  # (S, n, latent_dim), (S, n)
        share = weights.softmax(-2).cumsum(-2).mT.contiguous()  # (n, S)
        chosen = torch.searchsorted(share, stream.uniform(x.shape[-2], draws)).clamp(max=samples - 1).mT  # (draws, n)
        z = z.gather(-3, chosen[..., None].expand(*chosen.shape, z.shape[-1]))  # (draws, n, latent_dim)
        filled = [self._values(self.decoder(code, y), stream) for code in z.unbind(-3)]  # (n, D) each
        return self._native(torch.stack([torch.where(seen > 0, x, values) for values in filled], -3))

    def _see(self, x, y, missing=None):
        """Native rows as the networks take them: x (n, D), what of it is seen (n, D) or None, and labels (n,) or None."""
        if isinstance(x, Dataset):
            x, y = x.x, x.y if self.classes and y is None else y
        x = self._rows(x, self.shape, "x")
        y = self._labels(x.shape[0 if self.members is None else 1], y)
        if missing is None:
            seen = torch.ones_like(x) if self.hp.mask_rate > 0 else None
        else:
            missing = _as_mask(missing, x.shape).to(x.device)
            x, seen = torch.where(missing, self.scale.shift, x), (~missing).to(x)
        if not x.isfinite().all():
            raise ValueError("x has NaN or infinite values where they are not missing: see impute(x, missing)")
        x = self.scale.forward(x)
        problems = self.unfit(x)
        if problems:
            raise ValueError("x: " + "; ".join(problems))
        flat = self.encoder.row_axes
        return x.flatten(flat), None if seen is None else seen.flatten(flat), y

    def _weighed(self, x, seen, y, samples, stream):
        """Codes from the encoder and their importance weights p(x, z) / q(z | x) in logs: (S, n, latent_dim), (S, n)."""
        _check_count(samples=samples)
        mean, log_var = encode(self.encoder, x, seen, y)
        codes, weights = [], []
        for _ in range(samples):
            noise = stream.normal(*mean.shape[-2:])
            z = mean + (log_var / 2).exp() * noise
            prior_over_encoder = (noise.square() + log_var - z.square()).sum(-1) / 2  # log p(z) - log q(z | x)
            log_p = self.likelihood.log_prob(x, self.decoder(z, y), self.hp)
            codes.append(z)
            weights.append(total(log_p, seen) + prior_over_encoder)
        return torch.stack(codes, -3), torch.stack(weights, -2)

    def _values(self, out, stream=None):
        """What is expected of a decoder's outputs, or with a stream a draw: (n, D), scaled."""
        if stream is None:
            return self.likelihood.mean(out, self.hp)
        u = stream.uniform(*out.shape[-3:-1]).clamp(1e-6, 1 - 1e-6)  # 0 and 1 would be infinitely far out
        return self.likelihood.draw(out, self.hp, u)

    def _native(self, x):
        return self.scale.back(x.unflatten(-1, self.shape))

    def _stretch(self):
        """What turns log-densities of scaled rows into those of native rows; probabilities are the same for both."""
        return self.scale.factor.log().expand(self.shape).sum() if self.likelihood.takes == "any" else 0.0


def _as_mask(missing, shape):
    """`missing` as booleans of `shape`, from one mask for all rows or one each."""
    found = missing if isinstance(missing, torch.Tensor) else torch.from_numpy(np.array(missing))
    if found.dtype != torch.bool or found.shape not in [shape[i:] for i in range(len(shape))]:
        kind = f"has shape {tuple(found.shape)} and holds {found.dtype}"
        raise ValueError(f"missing {kind}: True or False for each number of a row, (n, ...) as x or one mask for all")
    return found.expand(shape)


def _check_count(**counts):
    bad = [
        f"{name}={n!r}: must be a whole number from 1 to 100,000"
        for name, n in counts.items()
        if not is_whole(n, 1, 100_000)
    ]
    if bad:
        raise ValueError("; ".join(bad))
