"""Networks that compute all places of a row at once, under a mask that hides what comes later.

Masked convolutions, for images (van den Oord et al., 2016a), dilated ones, for sound (van den Oord et al., 2016b), and a
transformer (Vaswani et al., 2017) with its cache. Those for images cannot be stacked. Rotary places are not here.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from genlab.sequences import Line, Network, Norm, Table, keep


class MaskedConv(nn.Module):
    """A convolution that sees the pixels above and to the left; the pixel itself only where `itself` says so."""

    def __init__(self, n_in, n_out, size, init, *, itself):
        super().__init__()
        mask = torch.ones(size, size)
        mask[size // 2 + 1 :] = 0
        mask[size // 2, size // 2 + itself :] = 0
        spread = (3 * n_in * mask.sum().item()) ** -0.5
        self.weight = nn.Parameter(init.normal(n_out, n_in, size, size) * mask * spread)
        self.bias = nn.Parameter(init.normal(n_out) * spread)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x):
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=self.mask.shape[0] // 2)


class Masked(Network):
    """Convolutions over an image that see only what comes before, row by row (van den Oord et al., 2016).

    A text is an image one pixel high. How far it sees is a matter of its layers: 2 pixels, and 1 more for each.
    """

    usual = dict(hidden=32, layers=4, lr=5e-3, batch_size=64)
    stacks = False

    def __init__(self, row, hp, init):
        super().__init__(row, hp, init)
        self.size = row.shape[-2:] if len(row.shape) == 3 else (1, *row.shape)
        self.labels = Table(row.classes, hp.hidden, init) if row.classes else None
        self.places = nn.Parameter(0 * init.normal(hp.hidden, *self.size))
        self.first = MaskedConv(row.levels, hp.hidden, 5, init, itself=False)
        self.layers = nn.ModuleList(MaskedConv(hp.hidden, hp.hidden, 3, init, itself=True) for _ in range(hp.layers))
        self.hidden, self.out = Line(hp.hidden, hp.hidden, init), Line(hp.hidden, row.levels, init)

    def forward(self, x, y=None, drop=keep):
        image = F.one_hot(F.pad(x, (0, self.row.length - x.shape[1])), self.row.levels).to(self.places)
        image = image.view(len(x), *self.size, -1).permute(0, 3, 1, 2)  # (B, levels, height, width)
        h = self.first(image) + self.places  # (B, hidden, height, width)
        if y is not None:
            h = h + self.labels(y)[..., None, None]
        for layer in self.layers:
            h = h + layer(drop(F.silu(h)))
        h = h.flatten(2).mT[:, : x.shape[1]]  # (B, T, hidden)
        return self.out(F.silu(self.hidden(F.silu(h))))


class Dilated(Network):
    """Convolutions of two places each, the second twice as far back in every layer (WaveNet: van den Oord et al., 2016b).

    With L layers it sees 2 to the power of L symbols, and drawing a symbol costs as much wherever it stands.
    """

    usual = dict(hidden=32, layers=8, lr=5e-3, batch_size=8)

    def __init__(self, row, hp, init):
        super().__init__(row, hp, init)
        self.symbols = Table(row.levels + 1, hp.hidden, init, spread=0.3)
        self.labels = Table(row.classes, hp.hidden, init, spread=0.3) if row.classes else None
        pair = lambda: Line(2 * hp.hidden, 2 * hp.hidden, init)  # what two places say, and how much of it passes
        self.pairs = nn.ModuleList(pair() for _ in range(hp.layers))
        self.joins = nn.ModuleList(Line(hp.hidden, hp.hidden, init) for _ in range(hp.layers))
        self.hidden, self.out = Line(hp.hidden, hp.hidden, init), Line(hp.hidden, row.levels, init)

    def embed(self, codes, y):
        """What goes into the first layer: (B, T, hidden), for codes (B, T)."""
        h = self.symbols(codes)
        return h if y is None else h + self.labels(y)[..., None, :]

    def layer(self, number, h, back, drop=keep):
        """One layer: each place (..., hidden), and one further back, to the next."""
        said, passed = self.pairs[number](torch.cat([h, back], -1)).chunk(2, -1)
        return h + self.joins[number](drop(said.tanh() * passed.sigmoid()))

    def forward(self, x, y=None, drop=keep):
        h = self.embed(self.before(x), y)  # (B, T, hidden)
        for number in range(self.hp.layers):
            h = self.layer(number, h, F.pad(h, (0, 0, 2**number, 0))[..., : x.shape[-1], :], drop)
        return self.out(F.silu(self.hidden(F.silu(h))))  # (B, T, levels)

    def begin(self, rows, device="cpu"):
        """How many symbols came, and what each layer still has to look back at: (B, 2**number, hidden), round and round."""
        return 0, [torch.zeros(*rows, 2**number, self.hp.hidden, device=device) for number in range(self.hp.layers)]

    def step(self, state, code, y=None):
        place, rings = state
        h = self.embed(code[..., None], y)[..., 0, :]  # (B, hidden)
        for number, ring in enumerate(rings):
            back = ring[..., place % 2**number, :].clone()
            ring[..., place % 2**number, :] = h
            h = self.layer(number, h, back)
        return self.out(F.silu(self.hidden(F.silu(h)))), (place + 1, rings)


class Attention(nn.Module):
    """Each place takes in what the last `context` places hold, weighted by how well they answer its question.

    What is far answers less well, in each head by another measure, so that what is near need not be searched for
    (ALiBi: Press et al., 2022).
    """

    def __init__(self, hp, init):
        super().__init__()
        self.hp = hp
        # Without a bias: that of the keys cannot matter, so that Adam would move it by rounding errors alone.
        self.ask, self.out = Line(hp.hidden, 3 * hp.hidden, init, bias=False), Line(hp.hidden, hp.hidden, init)
        self.register_buffer("slopes", 4.0 ** -torch.arange(hp.heads), persistent=False)

    def split(self, x):
        """Queries, keys and values by head: (B, heads, T, hidden / heads) each."""
        parts = self.ask(x).flatten(0, -3).unflatten(-1, (3, self.hp.heads, -1))  # (B, T, 3, heads, hidden / heads)
        return parts.permute(2, 0, 3, 1, 4).unbind()  # the members of a stack one behind the other, as more rows

    def handicap(self, length):
        """What is taken off the answer of each place to each (heads, T, T): all of it where it may not be seen."""
        places = torch.arange(length, device=self.slopes.device)
        back = places[:, None] - places
        return (-self.slopes[:, None, None] * back).masked_fill((back < 0) | (back >= self.hp.context), -math.inf)

    def forward(self, x):
        taken = F.scaled_dot_product_attention(*self.split(x), attn_mask=self.handicap(x.shape[-2])[None])
        return self.out(taken.transpose(1, 2).reshape(x.shape))

    def weights(self, x):
        """The weights (B, heads, T, T) that `forward` takes, written out."""
        query, key, _ = self.split(x)
        return (query @ key.mT / math.sqrt(query.shape[-1]) + self.handicap(x.shape[-2])).softmax(-1)

    def step(self, x, cache, handicap, place):
        """One place more, x (B, 1, hidden); its key and value go into the cache, where those before it are."""
        query, *new = self.split(x)
        for kept, part in zip(cache, new, strict=True):
            kept[:, :, place] = part[:, :, 0]
        key, value = (kept[:, :, place + 1 - handicap.shape[-1] : place + 1] for kept in cache)
        taken = F.scaled_dot_product_attention(query, key, value, attn_mask=handicap)
        return self.out(taken.transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    """Attention between places, then a small network at each place; both add to what is there (He et al., 2016)."""

    def __init__(self, hp, init):
        super().__init__()
        self.norm1, self.attention = Norm(hp.hidden, init), Attention(hp, init)
        self.norm2, self.up, self.down = (
            Norm(hp.hidden, init),
            *(Line(a, b, init) for a, b in ((hp.hidden, 4 * hp.hidden), (4 * hp.hidden, hp.hidden))),
        )

    def forward(self, x, drop=keep):
        return self.think(x + drop(self.attention(self.norm1(x))), drop)

    def think(self, x, drop=keep):
        return x + drop(self.down(F.gelu(self.up(self.norm2(x)))))

    def step(self, x, *cached):
        return self.think(x + self.attention.step(self.norm1(x), *cached))


class Transformer(Network):
    """Blocks of attention on symbols and their places (Vaswani et al., 2017; norms come first, as in GPT-2)."""

    usual = dict(hidden=64, lr=5e-3, dropout=0.1)

    def __init__(self, row, hp, init):
        super().__init__(row, hp, init)
        if hp.hidden % hp.heads:
            raise ValueError(f"hidden={hp.hidden}, heads={hp.heads}: the heads must divide hidden into equal parts")
        self.symbols = Table(row.levels + 1, hp.hidden, init, spread=0.3)
        self.places = Table(row.length, hp.hidden, init, spread=0.1)
        self.labels = Table(row.classes, hp.hidden, init, spread=0.3) if row.classes else None
        self.blocks = nn.ModuleList(Block(hp, init) for _ in range(hp.layers))
        self.norm, self.out = Norm(hp.hidden, init), Line(hp.hidden, row.levels, init)

    def embed(self, codes, places, y):
        """What goes into the first block: (B, T, hidden), for codes (B, T) at these places (T,)."""
        x = self.symbols(codes) + self.places(places.expand(codes.shape))
        return x if y is None else x + self.labels(y)[..., None, :]

    def forward(self, x, y=None, drop=keep):
        x = drop(self.embed(self.before(x), torch.arange(x.shape[-1], device=x.device), y))  # (B, T, hidden)
        for block in self.blocks:
            x = block(x, drop)
        return self.out(self.norm(x))  # (B, T, levels)

    def begin(self, rows, device="cpu"):
        """How many places of the cache are filled; keys and values for each block; the handicap at the last place."""
        shape = (math.prod(rows), self.hp.heads, self.row.length, self.hp.hidden // self.hp.heads)
        back = torch.arange(self.row.length, device=device).flip(0)[-self.hp.context :]
        handicap = -self.blocks[0].attention.slopes[:, None, None] * back  # (heads, 1, context)
        return 0, [[torch.empty(shape, device=device) for _ in range(2)] for _ in self.blocks], handicap[None]

    def step(self, state, code, y=None):
        place, caches, handicap = state
        x = self.embed(code[..., None], torch.tensor([place], device=code.device), y)  # (B, 1, hidden)
        for block, cache in zip(self.blocks, caches, strict=True):
            x = block.step(x, cache, handicap[..., -(place + 1) :], place)
        return self.out(self.norm(x))[..., 0, :], (place + 1, caches, handicap)

    def attention(self, x, y=None):
        """Where each place looks: weights (layers, B, heads, T, T), from the place in the row to those before it."""
        x, maps = self.embed(self.before(x), torch.arange(x.shape[-1], device=x.device), y), []
        for block in self.blocks:
            maps.append(block.attention.weights(block.norm1(x)))
            x = block(x)
        return torch.stack(maps)
