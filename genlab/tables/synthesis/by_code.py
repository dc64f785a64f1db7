"""Tables by a code: a variational autoencoder whose decoder says how probable each answer of each column is.

Given its code, the columns of a row are independent, and each is *drawn*: the most probable answer everywhere would lose
what is rare (as the decoder's own noise it is part of the model). It learns by the loop of :mod:`genlab.vae`.

Rows are made from codes of the prior, normal, or from such as the encoder gives to real rows, the aggregate posterior
(Tomczak and Welling, 2018), which are more like real ones and closer to the rows themselves. It is kept as a mixture
whose parts stand for at least `min_leaf` rows each, as leaves do, never as the code of one row.
"""

import math

import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans
from torch import nn
from torch.nn.functional import cross_entropy

from genlab.likelihoods import Likelihood
from genlab.parts import INITIALISE, LEARN, LOOK, Adam, Batches, Streams, threads
from genlab.sequences import Line, Table
from genlab.tables.synthesis.joint import CHUNK
from genlab.tables.synthesis.networks import Networked, margins, starts
from genlab.vae import VAEParams, encode, vae_steps

KNOBS = dict(hidden=256, latent_dim=32, lr=1e-3, free_bits=0.1)  # without free bits the codes stay empty
PARTS = 500  # of the aggregate posterior, at most
LOOKS, SAMPLES = 4, 50  # codes a row for the ELBO of an epoch, and for the bound on a log probability


class Encoder(nn.Module):
    """Codes of a table's cells (B, columns) to means and log-variances (B, 2, latent_dim)."""

    row_axes = 1

    def __init__(self, sizes, hidden, latent_dim, init):
        super().__init__()
        self.codes = Table(sum(sizes) + len(sizes), hidden, init, len(sizes) ** -0.5)
        self.inner, self.out = Line(hidden, hidden, init), Line(hidden, 2 * latent_dim, init)
        self.register_buffer("starts", starts(sizes), persistent=False)

    def forward(self, x, y=None):
        h = self.codes(x + self.starts).sum(1).relu()  # (B, hidden)
        return self.out(self.inner(h).relu()).unflatten(-1, (2, -1))


class Decoder(nn.Module):
    """Codes of rows (B, latent_dim) to logits (B, columns, levels), which start at the columns' shares."""

    def __init__(self, counts, hidden, latent_dim, init):
        super().__init__()
        sizes, (logits, never) = [len(count) for count in counts], margins(counts)
        there = torch.arange(logits.shape[1]) < torch.tensor(sizes)[:, None]  # (columns, levels)
        places = torch.full(there.shape, sum(sizes))
        places[there] = torch.arange(sum(sizes))
        self.first, self.inner = Line(latent_dim, hidden, init), Line(hidden, hidden, init)
        self.out = Line(hidden, sum(sizes), init)
        self.out.bias.data[0] = logits[there]
        self.register_buffer("places", places, persistent=False)
        self.register_buffer("never", never)

    def enter(self, z, y):
        return self.first(z)

    def flat(self, z, y=None):
        """Logits of the codes of all columns, one after another: (B, codes)."""
        return self.out(self.inner(self.enter(z, y).relu()).relu())

    def forward(self, z, y=None):
        flat = self.flat(z, y)
        flat = torch.cat([flat, flat.new_zeros(*flat.shape[:-1], 1)], -1)
        return flat[..., self.places] + self.never


class Mixture(nn.Module):
    """Codes (B, latent_dim) as a mixture of normal distributions: logits of its parts (M,), means and log-variances."""

    def __init__(self, parts, latent_dim):
        super().__init__()
        self.register_buffer("logits", torch.zeros(parts))
        self.register_buffer("mean", torch.zeros(parts, latent_dim))
        self.register_buffer("log_var", torch.zeros(parts, latent_dim))

    @classmethod
    def of(cls, mean, log_var, least, seed):
        """The mean of normal distributions (n, latent_dim), gathered into parts of at least so many, with their moments."""
        parts = min(PARTS, max(1, len(mean) // (2 * least)))
        found = MiniBatchKMeans(parts, batch_size=4096, n_init=1, random_state=seed).fit(mean.numpy())
        centres, size = torch.from_numpy(found.cluster_centers_), np.bincount(found.labels_, minlength=parts)
        centres = centres[torch.from_numpy(size >= least)] if (size >= least).any() else mean.mean(0, keepdim=True)
        nearest = torch.cdist(mean, centres.float()).argmin(1)  # those of smaller parts go to the nearest that is kept
        part = nn.functional.one_hot(nearest, len(centres)).T.float()  # (parts, n)
        count = part.sum(1, keepdim=True)
        self = cls(len(part), mean.shape[1])
        self.logits, self.mean = (count[:, 0] / len(mean)).log(), part @ mean / count
        self.log_var = (part @ (log_var.exp() + mean.square()) / count - self.mean.square()).clamp(min=1e-6).log()
        return self

    def draw(self, n, rng):
        part = rng.choice(len(self.logits), n, p=self.logits.double().softmax(0).numpy())
        noise = torch.from_numpy(rng.standard_normal((n, self.mean.shape[1]), dtype=np.float32))
        return self.mean[part] + (self.log_var[part] / 2).exp() * noise

    def log_prob(self, z):
        """Log density of codes (n, latent_dim): (n,)."""
        weight = (-self.log_var).exp()  # squares are multiplied out: no array of (n, M, latent_dim)
        squares = z.square() @ weight.T - 2 * z @ (self.mean * weight).T + (self.mean.square() * weight).sum(1)
        each = self.logits.log_softmax(0) - (squares + self.log_var.sum(1)) / 2
        return each.logsumexp(1) - z.shape[1] / 2 * math.log(2 * math.pi)


class Categorical(Likelihood):
    """One of a column's codes; a cell without a code is not judged."""

    def __init__(self, sizes):
        super().__init__()
        self.sizes = torch.tensor(sizes)

    def log_prob(self, x, out, hp):
        cost = cross_entropy(out.flatten(0, -2), x.flatten(), reduction="none").view(x.shape)
        return torch.where(x < self.sizes, -cost, 0.0)


class ByCode(Networked):
    """P(row) over codes, by a code of `latent_dim` numbers that is normal before anything is seen."""

    enough, warm = 10, 30  # at first codes say nothing, and the bound stands still

    @classmethod
    def fit(cls, rows, columns, *, prior, rng, **how):
        self = super().fit(rows, columns, rng=rng, **how)
        if prior == "aggregate":
            with torch.no_grad(), threads(1):
                mean, log_var = encode(self.network["encoder"], self._known(rows), None, None)
            self.network["prior"] = Mixture.of(mean, log_var, self.min_leaf, int(rng.integers(2**31)))
        return self

    def begin(self, counts, x, seed, batch_size):
        hp, init = VAEParams(**KNOBS, batch_size=batch_size), Streams(seed, INITIALISE)
        sizes = [len(count) for count in counts]
        network = nn.ModuleDict({
            "encoder": Encoder(sizes, hp.hidden, hp.latent_dim, init),
            "decoder": Decoder(counts, hp.hidden, hp.latent_dim, init),
        })  # fmt: skip
        batches = Batches(x, None, hp, seed, {"step": 0, "rows": 0})
        optimiser, rng = Adam(network.parameters()), Streams(seed, LEARN)
        loop = vae_steps(network["encoder"], network["decoder"], Categorical(sizes), optimiser, batches, hp, rng)
        return hp, loop, network

    def cost(self, network, x):
        return -self._weights(network, x, LOOKS).mean().item() / math.log(2)

    def ahead(self, n, rng):
        if "prior" in self.network:
            z = self.network["prior"].draw(n, rng)
        else:
            shape = n, self.network["decoder"].first.weight.shape[0]
            z = torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))
        return self.network["decoder"](z).softmax(-1).numpy()  # (n, columns, levels)

    def shares(self, j, before, ahead):
        return ahead[:, j, : self.columns[j].size]

    @torch.no_grad()
    @threads(1)
    def log_prob(self, codes):
        """A lower bound on the log probability of each row's codes (Burda et al., 2016)."""
        known, bound = self._known(codes), []
        for part in known.split(CHUNK // 8):
            bound.append(self._weights(self.network, part, SAMPLES).logsumexp(0) - math.log(SAMPLES))
        missing = (codes < 0) @ np.log([self._floored(0.0, j) for j in range(len(self.columns))])
        return torch.cat(bound).double().numpy() + missing

    def _weights(self, network, x, samples):
        """log p(x, z) - log q(z | x) of codes z that the encoder draws: (samples, n), the same at every call."""
        rng, likelihood = Streams(0, LOOK), Categorical([c.size for c in self.columns])
        mean, log_var = encode(network["encoder"], x, None, None)
        weights = []
        for _ in range(samples):
            noise = rng.normal(1, mean.shape[1]).expand_as(mean)  # so that a row's bound does not hang on the others
            z = mean + (log_var / 2).exp() * noise
            prior_over_encoder = (noise.square() + log_var - z.square()).sum(-1) / 2
            if "prior" in network:
                normal = -(z.square() + math.log(2 * math.pi)).sum(-1) / 2
                prior_over_encoder = prior_over_encoder + network["prior"].log_prob(z) - normal
            weights.append(likelihood.log_prob(x, network["decoder"](z), None).sum(-1) + prior_over_encoder)
        return torch.stack(weights)

    @property
    def never(self):
        return self.network["decoder"].never

    @classmethod
    def large(cls, sizes, shapes):
        hidden, latent_dim = shapes.get("encoder.inner.weight", (0,))[-1], shapes.get("decoder.first.weight", (0,))[0]
        prior = {"prior.mean", "prior.log_var", "prior.logits"} & set(shapes)
        parts = (*shapes.get("prior.mean", ()), 0)[0]
        return {name: (parts,) if name == "prior.logits" else (parts, latent_dim) for name in prior} | {
            "encoder.codes.weight": (sum(sizes) + len(sizes), hidden),
            "encoder.out.weight": (hidden, 2 * latent_dim),
            "decoder.inner.weight": (hidden, hidden),
            "decoder.out.weight": (hidden, sum(sizes)),
            "decoder.never": (len(sizes), max(sizes, default=0) + 1),
        }

    @classmethod
    def blank(cls, sizes, shapes):
        hidden, latent_dim = shapes["encoder.inner.weight"][-1], shapes["decoder.first.weight"][0]
        init, counts = Streams(0, INITIALISE), [torch.ones(size) for size in sizes]
        network = nn.ModuleDict({
            "encoder": Encoder(sizes, hidden, latent_dim, init), "decoder": Decoder(counts, hidden, latent_dim, init)
        })  # fmt: skip
        if "prior.mean" in shapes:
            network["prior"] = Mixture(shapes["prior.mean"][0], latent_dim)
        return network
