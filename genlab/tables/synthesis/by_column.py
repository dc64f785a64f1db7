"""Tables column by column: an autoregressive network, the same factorisation as the trees' by other conditionals.

Every column has a group of hidden units of its own, which see the columns before it and nothing else, so that one pass
gives all conditionals (Germain et al., 2015, MADE). The networks of ``genlab.causal`` share their weights between places;
columns have nothing to share. It learns by the loop of :mod:`genlab.autoregressive`.
"""

import copy

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from genlab.autoregressive import AutoregressiveParams, autoregressive_steps, bits_each
from genlab.parts import INITIALISE, LEARN, Adam, Batches, Streams, threads
from genlab.sequences import Network, Row, Table, keep
from genlab.tables.synthesis.joint import CHUNK
from genlab.tables.synthesis.networks import Networked, margins, starts

KNOBS = dict(hidden=64, dropout=0.2, lr=2e-3, beta2=0.999, average=0.99)


class Grouped(Network):
    """Logits of all columns at once.

    Parameters
    ----------
    counts : list of Tensor
        How often each code of a column occurs in the rows to learn from. A column starts at these shares, whatever
        stands before it, and never makes a code that does not occur.
    hp : AutoregressiveParams
    init : Streams

    Notes
    -----
    A column of K codes has one more, K, for cells whose level has no code: they are seen, but never learned or made.
    """

    stacks = False
    width = 16  # numbers that stand for a code

    def __init__(self, counts, hp, init):
        sizes = [len(count) for count in counts]
        columns, levels = len(sizes), max(sizes) + 1
        super().__init__(Row((columns,), levels), hp, init)
        before = torch.ones(columns, columns).tril(-1)  # (columns, columns): whether a group sees a column
        mask = before.repeat_interleave(hp.hidden, 0).repeat_interleave(self.width, 1)
        logits, never = margins(counts)
        self.codes = Table(sum(sizes) + columns, self.width, init)
        self.first = nn.Parameter(init.normal(*mask.shape) * (columns * self.width) ** -0.5)
        self.shift = nn.Parameter(torch.zeros(columns * hp.hidden))
        self.inner = nn.Parameter(init.normal(columns, hp.hidden, hp.hidden) * hp.hidden**-0.5)
        self.lift = nn.Parameter(torch.zeros(columns, 1, hp.hidden))
        self.out = nn.Parameter(init.normal(columns, hp.hidden, levels) * 0.01)
        self.bias = nn.Parameter(logits[:, None])
        self.register_buffer("sizes", torch.tensor(sizes), persistent=False)
        self.register_buffer("starts", starts(sizes), persistent=False)
        self.register_buffer("mask", mask, persistent=False)
        self.register_buffer("never", never)

    def forward(self, x, y=None, drop=keep):
        """Codes (B, columns) to logits (B, columns, levels)."""
        seen = self.codes(x + self.starts).flatten(1)  # (B, columns * width)
        h = F.linear(seen, self.first * self.mask, self.shift).relu()  # (B, columns * hidden)
        h = h.unflatten(1, (len(self.sizes), -1)).transpose(0, 1)  # (columns, B, hidden)
        h = h + torch.baddbmm(self.lift, drop(h), self.inner).relu()
        return torch.baddbmm(self.bias, drop(h), self.out).transpose(0, 1) + self.never

    def column(self, j, x):
        """Logits (B, codes of column j) from the columns before it, x (B, j): what `forward` gives there, alone."""
        group = slice(j * self.hp.hidden, (j + 1) * self.hp.hidden)
        seen = self.codes(x + self.starts[:j]).flatten(1)  # (B, j * width)
        h = F.linear(seen, self.first[group, : j * self.width], self.shift[group]).relu()  # (B, hidden)
        h = h + torch.addmm(self.lift[j], h, self.inner[j]).relu()
        return (torch.addmm(self.bias[j], h, self.out[j]) + self.never[j])[:, : self.sizes[j]]

    def counted(self, x):
        """Which cells count (B, columns): those that have a code."""
        return x < self.sizes


class ByColumn(Networked):
    """P(row) over codes, each column given those before it by a :class:`Grouped` network."""

    def begin(self, counts, x, seed, batch_size):
        hp = AutoregressiveParams(**KNOBS, batch_size=batch_size)
        network = Grouped(counts, hp, Streams(seed, INITIALISE))
        average = copy.deepcopy(network, {id(hp): hp}).requires_grad_(False)
        batches = Batches(x, None, hp, seed, {"step": 0, "rows": 0})
        optimiser, rng = Adam(network.parameters()), Streams(seed, LEARN)
        return hp, autoregressive_steps(network, optimiser, average, batches, hp, rng), average

    def cost(self, network, x):
        cost = [(bits_each(network(part), part) * network.counted(part)).sum().item() for part in x.split(CHUNK)]
        return sum(cost) / len(x)

    def shares(self, j, before, ahead):
        return self.network.column(j, before).softmax(1).numpy()

    @torch.no_grad()
    @threads(1)
    def log_prob(self, codes):
        """Log probability of each row's codes; what was never seen counts as a share of one row."""
        total, known = np.zeros(len(codes)), self._known(codes)
        for start in range(0, len(codes), CHUNK):
            part = slice(start, start + CHUNK)
            for j in range(len(self.columns)):
                p, code = self.shares(j, known[part, :j], None), codes[part, j]
                own = np.where(code >= 0, p[np.arange(len(p)), np.maximum(code, 0)], 0.0)
                total[part] += np.log(self._floored(own, j))
        return total

    @property
    def never(self):
        return self.network.never

    @classmethod
    def large(cls, sizes, shapes):
        columns, hidden = len(sizes), shapes.get("inner", (0,))[-1]
        return {
            "codes.weight": (sum(sizes) + columns, Grouped.width),
            "first": (columns * hidden, columns * Grouped.width),
            "out": (columns, hidden, max(sizes, default=0) + 1),
        }

    @classmethod
    def blank(cls, sizes, shapes):
        hp = AutoregressiveParams(**KNOBS | dict(hidden=shapes["inner"][-1]))
        return Grouped([torch.ones(size) for size in sizes], hp, Streams(0, INITIALISE))
