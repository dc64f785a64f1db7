"""Tables by a game: a conditional Wasserstein GAN, a generator of soft rows against a critic of rows.

Each row is asked for by one answer of one column, which the generator is given; it makes the others (after Xu et al.,
2019, CTGAN, who ask for rare answers more often than they occur). Rows are one number a code: real ones hold zeros and
ones, made ones shares that a Gumbel softmax draws, which have gradients (Jang et al., 2017; Maddison et al., 2017). It
learns by the loop of :mod:`genlab.gan`, with the penalty of Gulrajani et al. (2017).

A game says of no row how probable it is: it is judged, and stopped, by how far the two-way margins of made rows are off.
"""

import copy

import numpy as np
import torch
from torch import nn

from genlab.gan import Discriminator, GANParams, gan_steps
from genlab.parts import INITIALISE, LEARN, LOOK, Adam, Batches, Streams
from genlab.sequences import Table
from genlab.tables.synthesis.by_code import Decoder
from genlab.tables.synthesis.networks import Networked, margins
from genlab.tables.synthesis.trees import choose
from genlab.tables.types import complain

KNOBS = dict(
    hidden=128, latent_dim=64, loss="wasserstein", lr_g=5e-4, lr_d=1e-3, r1=0.0, gp=1.0, average=0.99, pack=1
)  # with the usual penalty of 10 it learns little more than margins
HEAT = 0.2  # of the Gumbel softmax: the lower, the nearer to zeros and ones, and the rougher the gradients
STEPS = 100  # in an epoch, at least
MADE = 2000  # rows that an epoch is judged by, at least
PARTS = 10  # groups of a column's codes whose two-way shares are looked at


class Rows:
    """The codes of all columns in one list: where a column's begin, and rows of codes as zeros and ones."""

    def __init__(self, sizes):
        self.sizes, self.codes = torch.tensor(sizes), sum(sizes)
        self.starts = torch.tensor([0, *sizes[:-1]]).cumsum(0)
        self.column = torch.arange(len(sizes)).repeat_interleave(self.sizes)  # of each code

    def spread(self, x):
        """Codes (B, columns) to zeros and ones (B, codes); a cell without a code is all zeros."""
        place = torch.where(x < self.sizes, x + self.starts, self.codes)
        return torch.zeros(len(x), self.codes + 1).scatter_(1, place, 1.0)[:, :-1]


class Generator(Decoder):
    """Noise (B, latent_dim) and the code that is given (B,), in the list of all, to logits (B, columns, levels)."""

    def __init__(self, counts, hidden, latent_dim, init):
        super().__init__(counts, hidden, latent_dim, init)
        self.given = Table(sum(map(len, counts)), hidden, init)
        self.register_buffer("margins", margins(counts)[0])

    def enter(self, z, y):
        return super().enter(z, y) + self.given(y)


class Soft(nn.Module):
    """A generator whose rows have gradients: noise (B, latent_dim) and given codes (B,) to shares (B, codes)."""

    def __init__(self, generator, rows, rng):
        super().__init__()
        self.generator, self.rows, self.rng = generator, rows, rng

    def forward(self, z, y):
        u = self.rng.uniform(len(z), self.rows.codes).clamp(1e-7, 1 - 1e-7)
        noisy = (self.generator.flat(z, y) - (-u.log()).log()) / HEAT
        soft = torch.cat([column.softmax(-1) for column in noisy.split(self.rows.sizes.tolist(), -1)], -1)
        own = self.rows.column == self.rows.column[y][:, None]  # (B, codes): of the column whose code is given
        return torch.where(own, nn.functional.one_hot(y, self.rows.codes).to(soft), soft)


class Critic(Discriminator):
    """Scores of rows. It is told of which column a code was given; which one stands in the row."""

    def __init__(self, rows, hp, init):
        super().__init__(rows.codes, hp.hidden, len(rows.sizes), init, pack=hp.pack)
        self.column = rows.column

    def forward(self, x, y):
        return super().forward(x, self.column[y])


def asked(batches, rows, rng):
    """Batches of codes as (step, rows of zeros and ones, the code that asks for each): one of its own, any column's."""
    for step, x, _ in batches:
        column = (rng.uniform(*x.shape) * (x < rows.sizes)).argmax(1, keepdim=True)  # of those that have a code
        yield step, rows.spread(x), (x + rows.starts).gather(1, column)[:, 0]


class ByGame(Networked):
    """Rows by a generator that learned them from a critic; what a row's probability is, it cannot say."""

    fields = ("learned, pairs off", "held back, pairs off")
    epochs, enough, slower = 60, 10, 4

    def begin(self, counts, x, seed, batch_size):
        hp, init, rng = GANParams(**KNOBS, batch_size=batch_size), Streams(seed, INITIALISE), Streams(seed, LEARN)
        rows = Rows([len(count) for count in counts])
        generator, critic = Generator(counts, hp.hidden, hp.latent_dim, init), Critic(rows, hp, init)
        average = copy.deepcopy(generator).requires_grad_(False)
        batches = asked(Batches(x, None, hp, seed, {"step": 0, "rows": 0}), rows, rng)
        players = Adam(generator.parameters()), Adam(critic.parameters())
        return hp, gan_steps(Soft(generator, rows, rng), critic, *players, average, batches, hp, rng), average

    def steps(self, n, hp):
        return max(STEPS, super().steps(n, hp))

    def slow(self, hp):
        hp.lr_g, hp.lr_d = 0.3 * hp.lr_g, 0.3 * hp.lr_d

    def cost(self, network, x):
        """Distance (total variation) of the two-way margins of made rows from those of x, the mean over all pairs."""
        rng = np.random.default_rng(LOOK)
        p = self._shares(network, max(len(x), MADE), rng)
        made = np.stack([choose(p[:, j, : c.size], rng) for j, c in enumerate(self.columns)], 1)
        a, b = (self._pairs(network, codes) for codes in (torch.from_numpy(made), x))
        columns = len(self.columns)
        off = (a - b).abs().sum() / 2  # each pair of columns twice, and each column with itself
        alone = sum((a - b).diagonal()[j * PARTS : (j + 1) * PARTS].abs().sum() / 2 for j in range(columns))
        return ((off - alone) / max(columns * (columns - 1), 1)).item()

    def _pairs(self, network, x):
        """Shares of rows x by each two groups of codes, of all columns: (columns * PARTS, columns * PARTS)."""
        parts = Rows([PARTS] * len(self.columns))
        share = (network.margins + network.never).softmax(-1)
        group = ((share.cumsum(-1) - share / 2) * PARTS).long().clamp(0, PARTS - 1)  # (columns, levels)
        spread = parts.spread(group.gather(1, x.T).T)
        return spread.T @ spread / len(x)

    def ahead(self, n, rng):
        return self._shares(self.network, n, rng)

    def _shares(self, network, n, rng):
        """Probabilities (n, columns, levels), each row given a code of one column, as often as it occurs."""
        sizes = [c.size for c in self.columns]
        column = rng.integers(len(sizes), size=n)
        code = choose((network.margins + network.never).softmax(-1).numpy()[column], rng)
        z = torch.from_numpy(rng.standard_normal((n, network.first.weight.shape[0]), dtype=np.float32))
        p = network(z, torch.from_numpy(code) + Rows(sizes).starts[column]).softmax(-1).numpy()
        p[np.arange(n), column] = np.arange(p.shape[-1]) == code[:, None]
        return p

    def shares(self, j, before, ahead):
        return ahead[:, j, : self.columns[j].size]

    def log_prob(self, codes):
        why = "method='gan' has no probabilities of rows: ask for one column (target=), or fit another method"
        complain("log_prob", [why])

    @property
    def never(self):
        return self.network.never

    @classmethod
    def large(cls, sizes, shapes):
        latent_dim, hidden = (shapes.get("first.weight", ()) + (0, 0))[:2]
        return {
            "given.weight": (sum(sizes), hidden),
            "inner.weight": (hidden, hidden),
            "out.weight": (hidden, sum(sizes)),
            "margins": (len(sizes), max(sizes, default=0) + 1),
            "never": (len(sizes), max(sizes, default=0) + 1),
        }

    @classmethod
    def blank(cls, sizes, shapes):
        latent_dim, hidden = shapes["first.weight"]
        return Generator([torch.ones(size) for size in sizes], hidden, latent_dim, Streams(0, INITIALISE))
