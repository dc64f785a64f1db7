"""Networks that say of each place in a row which symbol is there, from the symbols before it: what all have, and the small.

Tables of counts (Shannon, 1948), a network on a window of symbols (Bengio et al., 2003) and recurrent ones, without
gates (Elman, 1990) and with them (Cho et al., 2014). Those that compute all places at once under a mask stand in
``genlab.causal``. Words as symbols, and rows longer than those learned from, are not here.
"""

import math
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

from genlab.parts import Dense

MAX_TABLE = 2**24  # counts in the largest table


class Row(NamedTuple):
    """What a row is: its shape, how many different symbols there are, which of them ends it, and how many labels."""

    shape: tuple
    levels: int
    end: int | None = None
    classes: int = 0

    @property
    def length(self):
        return math.prod(self.shape)


def keep(x):
    """No dropout."""
    return x


def dropout(share, rng):
    """A function that sets a share of numbers to 0, drawn from `rng`, and makes up for it (Srivastava et al., 2014)."""
    if not share:
        return keep
    return lambda x: x * (rng.uniform(*x.shape[0 if rng.members is None else 1 :]) >= share) / (1 - share)


# -- layers -------------------------------------------------------------------------------------------------------------


class Line(Dense):
    """A Dense layer for inputs with any number of row axes: (..., n_in) to (..., n_out); without its bias where asked."""

    def __init__(self, n_in, n_out, init, *, bias=True):
        super().__init__(n_in, n_out, init)
        if not bias:
            zeros = torch.zeros_like(self.bias.detach())
            del self.bias
            self.register_buffer("bias", zeros, persistent=False)

    def forward(self, x):
        rows = x.flatten(self.weight.dim() - 2, -2)  # (B, n_in) or (K, B, n_in)
        return super().forward(rows).reshape(*x.shape[:-1], -1)


class Table(nn.Module):
    """A learned row of numbers for each code: codes (...) to (..., width)."""

    def __init__(self, codes, width, init, spread=1.0):
        super().__init__()
        self.weight = nn.Parameter(init.normal(codes, width) * spread)  # (codes, width) or (K, codes, width)

    def forward(self, codes):
        return F.embedding(by_member(codes, self.weight), self.weight.flatten(0, -2))


class Norm(nn.Module):
    """Each row brought to mean 0 and spread 1, then to learned ones (Ba et al., 2016)."""

    def __init__(self, width, init):
        super().__init__()
        self.weight, self.bias = nn.Parameter(1 + 0 * init.normal(width)), nn.Parameter(0 * init.normal(width))

    def forward(self, x):
        if self.weight.dim() == 1:
            return F.layer_norm(x, x.shape[-1:], self.weight, self.bias)
        shape = (len(self.weight),) + (1,) * (x.dim() - 2) + x.shape[-1:]
        return F.layer_norm(x, x.shape[-1:]) * self.weight.view(shape) + self.bias.view(shape)


def by_member(codes, table):
    """Codes as places in a table with its members one behind the other; as they are without members."""
    if table.dim() == 2:
        return codes
    members = torch.arange(len(table), device=codes.device).view(-1, *[1] * (codes.dim() - 1))
    return codes + members * table.shape[1]


# -- what all networks have ---------------------------------------------------------------------------------------------


class Network(nn.Module):
    """Base of the networks. A new one needs ``forward`` alone; with a ``step`` of its own it samples more quickly.

    Parameters
    ----------
    row : Row
    hp : AutoregressiveParams
    init : Streams
        Where the first weights come from.
    """

    usual = {}  # knobs that suit it, where they are not the declared defaults
    stacks, learns = True, True  # whether it can have a member axis; whether it learns by a gradient

    def __init__(self, row, hp, init):
        super().__init__()
        self.row, self.hp = row, hp

    def forward(self, x, y=None, drop=keep):
        """Codes x (B, T), and labels (B,) if there are any, to logits (B, T, levels); those at t depend on x[:, :t] alone."""
        raise NotImplementedError

    def begin(self, rows, device="cpu"):
        """The state before the first symbol, for so many rows: a shape (B,) or (K, B)."""
        return torch.empty(*rows, 0, dtype=torch.long, device=device)

    def step(self, state, code, y=None):
        """Logits (B, levels) of the next symbol and the state, after one more `code` (B,); the first is `row.levels`."""
        state = torch.cat([state, code[..., None]], -1)
        x = F.pad(state[..., 1:], (0, 1))  # without the start, with an empty place for the symbol in question
        return self(x, y)[..., -1, :], state

    def before(self, x):
        """For each place the symbol before it: the start, which is a code of its own, and x without its last one."""
        return F.pad(x[..., :-1], (1, 0), value=self.row.levels)

    def counted(self, x):
        """Which symbols count (B, T): those up to the end of a row, and the end itself."""
        if self.row.end is None:
            return torch.ones_like(x, dtype=torch.bool)
        ends = (x == self.row.end).int()
        return ends.cumsum(-1) == ends


class Window(Network):
    """Base of the networks that see the last `context` symbols and nothing else."""

    def forward(self, x, y=None, drop=keep):
        padded = F.pad(self.before(x), (self.hp.context - 1, 0), value=self.row.levels)
        return self.head(padded.unfold(-1, self.hp.context, 1), y, drop)  # (B, T, context) to (B, T, levels)

    def begin(self, rows, device="cpu"):
        return torch.full((*rows, self.hp.context), self.row.levels, device=device)

    def step(self, state, code, y=None):
        state = torch.cat([state[..., 1:], code[..., None]], -1)
        return self.head(state[..., None, :], y, keep)[..., 0, :], state


# -- the networks -------------------------------------------------------------------------------------------------------


class Counts(Window):
    """How often each symbol followed each context; a context of 1 makes a bigram table, 2 a trigram.

    What a context has not shown is taken from the context without its oldest symbol, with the weight of `smoothing`
    symbols, and so on down to all symbols alike (MacKay and Peto, 1995).
    """

    usual = dict(context=2)
    learns = False

    def __init__(self, row, hp, init):
        super().__init__(row, hp, init)
        contexts, classes = row.levels + 1, max(row.classes, 1)
        members = () if init.members is None else (init.members,)
        size = math.prod(members) * classes * contexts**hp.context * row.levels
        if size > MAX_TABLE:
            raise ValueError(
                f"context={hp.context}: a table of counts with a row for each of {contexts}**{hp.context} contexts is too "
                f"large (more than {MAX_TABLE:,} numbers); context=1 makes a bigram table, context=2 a trigram"
            )
        for length in range(hp.context + 1):
            self.register_buffer(f"table{length}", torch.zeros(*members, classes * contexts**length, row.levels))
        self.register_buffer("seen", torch.zeros(()))  # rows counted so far
        self.rows = math.inf  # rows that there are: each is counted once

    def tables(self, windows, y):
        """For each length of context: the table, and the places (B, T) of the windows in it."""
        for length in range(self.hp.context + 1):
            table, contexts = getattr(self, f"table{length}"), self.row.levels + 1
            places = torch.zeros_like(windows[..., 0]) if y is None else y[..., None].expand(windows.shape[:-1])
            for code in windows[..., self.hp.context - length :].unbind(-1):
                places = places * contexts + code
            yield table, by_member(places, table)

    def head(self, windows, y, drop):
        p = 1 / self.row.levels
        for table, places in self.tables(windows, y):
            counts = F.embedding(places, table.flatten(0, -2))  # (B, T, levels)
            p = (counts + self.hp.smoothing * p) / (counts.sum(-1, keepdim=True) + self.hp.smoothing)
        return p.log()

    def count(self, x, y=None):
        """Add the rows up, in the order in which they come, until each has been counted once."""
        new = int(min(x.shape[-2], self.rows - self.seen))
        x, y = x[..., :new, :], None if y is None else y[..., :new]
        padded = F.pad(self.before(x), (self.hp.context - 1, 0), value=self.row.levels)
        for table, places in self.tables(padded.unfold(-1, self.hp.context, 1), y):
            cells = (places * self.row.levels + x)[self.counted(x)]
            table.view(-1).index_add_(0, cells, torch.ones_like(cells, dtype=table.dtype))
        self.seen += new


class Linear(Window):
    """One layer: each symbol of the context adds its own logits. With a context of 1 it can learn the bigram table."""

    usual = dict(context=1, lr=2e-2)

    def __init__(self, row, hp, init):
        super().__init__(row, hp, init)
        self.symbols = nn.ModuleList(Table(row.levels + 1, row.levels, init, 0.1) for _ in range(hp.context))
        self.labels = Table(row.classes, row.levels, init, 0.1) if row.classes else None

    def head(self, windows, y, drop):
        logits = sum(table(code) for table, code in zip(self.symbols, windows.unbind(-1), strict=True))
        return logits if y is None else logits + self.labels(y)[..., None, :]


class ContextMLP(Window):
    """One hidden layer on the embedded symbols of the context (Bengio et al., 2003)."""

    usual = dict(context=8, hidden=128, lr=1e-2, dropout=0.2)
    width = 16

    def __init__(self, row, hp, init):
        super().__init__(row, hp, init)
        self.symbols = Table(row.levels + 1, self.width, init)
        self.labels = Table(row.classes, hp.hidden, init) if row.classes else None
        self.hidden, self.out = Line(self.width * hp.context, hp.hidden, init), Line(hp.hidden, row.levels, init)

    def head(self, windows, y, drop):
        hidden = self.hidden(self.symbols(windows).flatten(-2))  # (B, T, hidden)
        if y is not None:
            hidden = hidden + self.labels(y)[..., None, :]
        return self.out(drop(hidden.tanh()))


class RNN(Network):
    """A state that each symbol changes (Elman, 1990)."""

    usual = dict(hidden=96, lr=3e-3, dropout=0.2)
    width, gates = 16, 1  # numbers that stand for a symbol; what it says, in units of `hidden`

    def __init__(self, row, hp, init):
        super().__init__(row, hp, init)
        size = self.gates * hp.hidden
        self.symbols = Table(row.levels + 1, self.width, init)
        self.labels = Table(row.classes, self.width, init) if row.classes else None
        self.outer, self.inner = Line(self.width, size, init), Line(hp.hidden, size, init)
        self.out = Line(hp.hidden, row.levels, init)

    def read(self, codes, y):
        """What the symbols (...) say: (..., gates * hidden)."""
        embedded = self.symbols(codes)
        if y is not None:
            embedded = embedded + self.labels(y).view(*y.shape, *[1] * (codes.dim() - y.dim()), -1)
        return self.outer(embedded)

    def move(self, state, said):
        """The next state (B, hidden), after what a symbol said (B, gates * hidden)."""
        return (said + self.inner(state)).tanh()

    def forward(self, x, y=None, drop=keep):
        state, states = self.begin(x.shape[:-1], x.device), []
        for said in self.read(self.before(x), y).unbind(-2):
            state = self.move(state, said)
            states.append(state)
        return self.out(drop(torch.stack(states, -2)))  # (B, T, levels)

    def begin(self, rows, device="cpu"):
        return torch.zeros(*rows, self.hp.hidden, device=device)

    def step(self, state, code, y=None):
        state = self.move(state, self.read(code, y))
        return self.out(state), state


class GRU(RNN):
    """A state that each symbol changes as much as two gates let it (Cho et al., 2014)."""

    usual = dict(hidden=96, lr=1e-2, dropout=0.2)
    gates = 3

    def move(self, state, said):
        kept, width = self.inner(state), self.hp.hidden
        update, reset = (said[..., : 2 * width] + kept[..., : 2 * width]).sigmoid().chunk(2, -1)
        return torch.lerp((said[..., 2 * width :] + reset * kept[..., 2 * width :]).tanh(), state, update)
