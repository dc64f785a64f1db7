"""The masked network of a table's columns: what each one is, from those before it (Germain et al., 2015, MADE).

Every column has a group of hidden units of its own, which see the columns before it and nothing else, so that one pass
gives all conditionals. The network of ``genlab.causal`` shares its weights between places; columns have nothing to share.
"""

import torch
from torch import nn
from torch.nn import functional as F

from genlab.sequences import Network, Row, Table, keep

NEVER = -1e4  # logit of a code that a column does not have; finite, so that nothing times it is NaN


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
        starts = torch.tensor([0, *(size + 1 for size in sizes[:-1])]).cumsum(0)
        before = torch.ones(columns, columns).tril(-1)  # (columns, columns): whether a group sees a column
        mask = before.repeat_interleave(hp.hidden, 0).repeat_interleave(self.width, 1)
        start, bias = torch.full((columns, levels), NEVER), torch.zeros(columns, levels)
        for j, count in enumerate(counts):
            start[j, : len(count)][count > 0] = 0.0
            bias[j, : len(count)][count > 0] = (count[count > 0] / count.sum()).log()
        self.codes = Table(sum(sizes) + columns, self.width, init)
        self.first = nn.Parameter(init.normal(*mask.shape) * (columns * self.width) ** -0.5)
        self.shift = nn.Parameter(torch.zeros(columns * hp.hidden))
        self.inner = nn.Parameter(init.normal(columns, hp.hidden, hp.hidden) * hp.hidden**-0.5)
        self.lift = nn.Parameter(torch.zeros(columns, 1, hp.hidden))
        self.out = nn.Parameter(init.normal(columns, hp.hidden, levels) * 0.01)
        self.bias = nn.Parameter(bias[:, None])
        self.register_buffer("sizes", torch.tensor(sizes), persistent=False)
        self.register_buffer("starts", starts, persistent=False)
        self.register_buffer("mask", mask, persistent=False)
        self.register_buffer("never", start[:, None])

    def forward(self, x, y=None, drop=keep):
        """Codes (B, columns) to logits (B, columns, levels)."""
        seen = self.codes(x + self.starts).flatten(1)  # (B, columns * width)
        h = F.linear(seen, self.first * self.mask, self.shift).relu()  # (B, columns * hidden)
        h = h.unflatten(1, (len(self.sizes), -1)).transpose(0, 1)  # (columns, B, hidden)
        h = h + torch.baddbmm(self.lift, drop(h), self.inner).relu()
        return (torch.baddbmm(self.bias, drop(h), self.out) + self.never).transpose(0, 1)

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
