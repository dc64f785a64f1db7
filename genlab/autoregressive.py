"""Autoregressive model (Shannon, 1948; Bengio et al., 2003): one network that learns to say what comes next.

The probability of a row is a product: that of its first symbol, times that of the second after the first, and so on.
Read this file from top to bottom: the networks, the knobs, the loop, the drawing, the object that holds them together.
The networks themselves are in ``genlab.sequences`` and ``genlab.causal``; beam search and words as symbols are not here.
"""

import copy
import dataclasses
import math

import torch
from torch.nn.functional import cross_entropy, pad

from genlab import symbols
from genlab.causal import Dilated, Masked, Transformer
from genlab.datasets import Dataset, as_text
from genlab.model import Model
from genlab.parts import Adam, Params, Scale, knob, move_average, set_optimiser, threads
from genlab.rows import is_whole
from genlab.sequences import GRU, RNN, ContextMLP, Counts, Linear, Row, dropout

# Each network gives logits for every place of a row, from the symbols before that place alone.
# Add a class of your own under a new name (see genlab.sequences.Network) and pass that name as network=.
NETWORKS = {
    "counts": Counts,
    "linear": Linear,
    "mlp": ContextMLP,
    "rnn": RNN,
    "gru": GRU,
    "masked": Masked,
    "dilated": Dilated,
    "transformer": Transformer,
}

RECIPES = {  # knobs that were measured to work on the shipped data: Autoregressive(data, **RECIPES[data.name])
    "names": dict(network="gru"),
    "prose": dict(network="gru", hidden=128, dropout=0.0, batch_size=32),
    "digits": dict(network="masked", conditional=True),
    "molecules": dict(network="gru", conditional=True, hidden=192, lr=6e-3, dropout=0.1, batch_size=48),
    "percussion": dict(network="dilated", hidden=24, lr=1.5e-2, batch_size=4),
}

MAX_LENGTH = 4096  # symbols in one row
MAX_SYMBOLS = 1024  # different ones
ROWS = 512  # judged at once


@dataclasses.dataclass
class AutoregressiveParams(Params):
    """Knobs of an autoregressive model. Live ones can change while it learns; the others need a new model."""

    network: str = knob("transformer", choices=NETWORKS, live=False, help="What says which symbol comes next.")
    context: int = knob(
        32, 1, MAX_LENGTH, scale="log", live=False, help="Symbols that it looks back, in each layer of a transformer."
    )
    hidden: int = knob(64, 1, 512, scale="log", live=False, help="Units in each hidden layer.")
    layers: int = knob(2, 1, 8, live=False, help="Blocks of a transformer, or convolutions.")
    heads: int = knob(4, 1, 16, live=False, help="Questions that a transformer asks at each place; they divide hidden.")
    smoothing: float = knob(4.0, 1e-6, 1000.0, scale="log", help="Weight of shorter contexts in counts, in symbols.")
    dropout: float = knob(0.0, 0.0, 0.9, help="Share of the units that are left out, others at each step.")
    lr: float = knob(3e-3, 0.0, 1.0, scale="log", help="Step size.")
    beta1: float = knob(0.9, 0.0, 0.999, help="Adam's memory of the gradient.")
    beta2: float = knob(0.99, 0.0, 0.9999, help="Adam's memory of the gradient's size.")
    average: float = knob(
        0.98, 0.0, 0.9999, help="Memory of the averaged network, which answers; early on a tenth of the steps so far."
    )
    batch_size: int = knob(128, 1, 4096, scale="log", help="Rows in one step.")


def bits_each(logits, x):
    """What each symbol costs, in bits: minus the logarithm of its probability; (B, T, levels) and (B, T) to (B, T)."""
    return cross_entropy(logits.flatten(0, -2), x.flatten(), reduction="none").view(x.shape) / math.log(2)


def autoregressive_steps(network, optimiser, average, batches, hp, rng, stages=False):
    """The training loop of an autoregressive model: an endless generator of records, one a step.

    Parameters
    ----------
    network : Network
        Codes (B, T) to logits (B, T, levels). In a stack both have K first.
    optimiser : Adam or None
        None for a network that counts.
    average : Network
        A copy of the network that follows it slowly (Polyak and Juditsky, 1992).
    batches : iterable of (step, x, y)
        Codes (B, T) and their labels (B,) or None.
    hp : AutoregressiveParams
        Read at every step, so that a change is live.
    rng : Streams
        Where dropout comes from.
    stages : bool
        Yield also after each of the three parts of a step, to watch it from inside.

    Yields
    ------
    dict
        "step", and "loss" in bits a symbol: a scalar, or (K,) in a stack.
    """
    weights, averaged = list(network.parameters()), list(average.parameters())
    for step, x, y in batches:
        record = {"step": step}

        # 1. Predict: all places at once, each from the symbols before it.
        logits = network(x, y, dropout(hp.dropout, rng))  # (B, T, levels)
        if stages:
            yield record | {"stage": "predict"}

        # 2. Compare: the bits that the symbols which did come cost, up to the end of each row.
        counted = network.counted(x)  # (B, T)
        loss = (bits_each(logits, x) * counted).sum((-2, -1)) / counted.sum((-2, -1))  # () or (K,)
        record["loss"] = loss.detach()
        if stages:
            yield record | {"stage": "compare"}

        # 3. Improve: a table counts what came; weights move against the gradient.
        if optimiser is None:
            network.count(x, y)
        else:
            set_optimiser(optimiser, hp.lr, hp.beta1, hp.beta2)
            optimiser.zero_grad()
            loss.sum().backward()
            optimiser.step()
            if hp.average > 0:
                move_average(averaged, weights, step, hp.average)
        if stages:
            yield record | {"stage": "improve"}
        yield record


class Autoregressive(Model):
    """An autoregressive model with everything that its loop needs, made for `data`.

    Parameters
    ----------
    data : Dataset
        Data with `levels`: texts as codes, images with few grey levels. Only the kind of the rows is taken; the rows
        are passed to :meth:`steps`.
    network : str
        One of `NETWORKS`. Each has its usual knobs, which those given here replace.
    conditional : bool
        Whether the network sees the labels, so that ``sample(n, y=3)`` can ask for one.
    seed : int or sequence of int
        One model, or a stack with a member a seed that learns as each would alone.
    device : str
        "auto" takes a GPU where there is one.
    **knobs
        Those of :class:`AutoregressiveParams`.

    Examples
    --------
    >>> import genlab as gl
    >>> data = gl.datasets.names()
    >>> model = gl.Autoregressive(data, network="mlp", seed=1)
    >>> run = gl.run(model.steps(data), steps=10)
    >>> len(model.text(model.sample(5)))
    5

    Raises
    ------
    ValueError
        One message that lists every bad knob, seed and label, and data without levels.
    """

    Params = AutoregressiveParams
    facts = ("levels", "symbols", "end")

    def __init__(self, data, *, network="transformer", **knobs):
        usual = NETWORKS[network].usual if isinstance(network, str) and network in NETWORKS else {}
        super().__init__(data, network=network, **knobs | {name: usual[name] for name in usual if name not in knobs})

    @staticmethod
    def scale_of(data):
        """The map between native values and codes 0, 1, 2, ..."""
        if data.range is None:
            return Scale(torch.zeros(data.shape), torch.ones(data.shape))
        low, high = data.range
        return Scale(torch.tensor(low), torch.tensor((high - low) / (data.levels - 1)))

    @classmethod
    def fact_problems(cls, shape, levels, symbols, end):
        problems = []
        if levels is None:
            mend = "say Dataset(..., levels=) for codes or grey levels, or round the values to a few"
            problems.append(f"the data have no levels: an autoregressive model learns symbols; {mend}")
        elif not is_whole(levels, 2, MAX_SYMBOLS):
            problems.append(f"levels={levels!r}: must be a whole number from 2 to {MAX_SYMBOLS:,}")
        elif symbols is not None and not (isinstance(symbols, str) and len(set(symbols)) == len(symbols) == levels):
            problems.append(f"symbols={symbols!r}: must be {levels} different characters")
        elif end is not None and not is_whole(end, 0, levels - 1):
            problems.append(f"end={end!r}: must be a code below {levels}")
        if math.prod(shape) > MAX_LENGTH or len(shape) == 3 and shape[0] > 1:
            problems.append(
                f"rows of shape {tuple(shape)}: at most {MAX_LENGTH:,} symbols a row, in images of one channel"
            )
        return problems

    def build(self, init):
        """Make the network from first weights drawn by `init`, and its optimiser."""
        kind = NETWORKS[self.hp.network]
        if init.members and not kind.stacks:
            raise ValueError(
                f"network={self.hp.network!r} has no member axis, so that it cannot learn as a stack: make a model a "
                f"seed and run one after the other, [gl.Autoregressive(data, network={self.hp.network!r}, seed=s) for s "
                "in seeds]"
            )
        self.network = kind(Row(self.shape, self.levels, self.end, self.classes), self.hp, init).to(self.device)
        self.average, self.optimiser = self.network, None
        self.networks, self.optimisers = ("network",), ()
        if kind.learns:
            self.networks, self.optimisers = ("network", "average"), ("optimiser",)
            self.average = copy.deepcopy(self.network, {id(self.hp): self.hp}).requires_grad_(False)
            self.optimiser = Adam(self.network.parameters())

    def loop(self, batches, *, stages=False):
        batches.x = batches.x.round().long().flatten(1)  # (n, T)
        self.network.rows = len(batches.x)
        return autoregressive_steps(self.network, self.optimiser, self.average, batches, self.hp, self.rng, stages)

    @torch.no_grad()
    @threads(1)
    def sample(self, n, *, y=None, seed=None, temperature=1.0, top_k=0, top_p=1.0, prefix=None, averaged=True):
        """Draw n rows, symbol by symbol, in native values: (n, *shape), or (K, n, *shape) from a stack.

        Parameters
        ----------
        n : int
        y : int or sequence of int, optional
            The label wanted, one for all or one each; without it a conditional model takes a random one each.
        seed : int, optional
            For the same draw every time. Looking never changes learning, with or without it.
        temperature, top_k, top_p
            How bold the draw is, see :func:`genlab.symbols.reshape`.
        prefix : str or array_like, shape (L,) or (n, L), optional
            How the rows begin: text, or native values.
        averaged : bool
            By the averaged network, which is steadier, or by the one that learns.
        """
        n, stream, network = self._how_many(n), self._look(seed), self._network(averaged)
        symbols.check_drawing(temperature, top_k, top_p)
        length, rows = math.prod(self.shape), (n,) if self.members is None else (self.members, n)
        y, prefix = self._labels(n, y, stream), self.codec.prefix(prefix, n, length).to(self.device)
        x, fill = [], 0 if self.end is None else self.end
        code, state = prefix.new_full(rows, self.levels), network.begin(rows, self.device)
        over = torch.zeros_like(code, dtype=torch.bool)
        while len(x) < length and not over.all():
            logits, state = network.step(state, code, y)
            if len(x) < prefix.shape[-1]:
                code = prefix[..., len(x)].expand(rows)
            else:
                p = symbols.reshape(logits, temperature=temperature, top_k=top_k, top_p=top_p)
                code = symbols.draw(p, stream.uniform(n)).masked_fill(over, fill)
            over = over | (code == self.end) if self.end is not None else over
            x.append(code)
        x = pad(torch.stack(x, -1), (0, length - len(x)), value=fill)
        return self.scale.back(x.unflatten(-1, self.shape).to(self.scale.factor))

    @torch.no_grad()
    def next(self, prefix=None, *, y=None, temperature=1.0, top_k=0, top_p=1.0, averaged=True):
        """Probabilities of the symbol after `prefix`: (levels,), or (K, levels) from a stack."""
        symbols.check_drawing(temperature, top_k, top_p)
        logits = self._read(self._network(averaged), prefix, y)[..., 0, -1, :]
        return symbols.reshape(logits, temperature=temperature, top_k=top_k, top_p=top_p)

    @torch.no_grad()
    def attention(self, prefix, *, y=None, averaged=True):
        """Where a transformer looks before it says what follows `prefix`.

        Returns
        -------
        Tensor, shape (layers, heads, L + 1, L + 1), or (layers, K, heads, L + 1, L + 1) from a stack
            From each place (next to last axis) to those before it: the start, then the symbols of the prefix.
        """
        network = self._network(averaged)
        if not hasattr(network, "attention"):
            raise ValueError(f"network={self.hp.network!r} does not attend: only network='transformer' does")
        maps = self._read(network.attention, prefix, y)
        return maps[:, 0] if self.members is None else maps

    @torch.no_grad()
    def log_likelihood(self, x, *, y=None, averaged=True):
        """Log-probability in nats of native rows, a Dataset or texts x: (n,), or (K, n) from a stack."""
        bits, counted = self._bits(x, y, averaged)
        return -(bits * counted).sum(-1) * math.log(2)

    @torch.no_grad()
    def bits(self, x, *, y=None, start=0, averaged=True):
        """Bits a symbol that native rows, a Dataset or texts x cost: a scalar, or (K,) from a stack.

        Parameters
        ----------
        x : Dataset, array_like, or list of str
        y : int or sequence of int, optional
            Labels for a conditional model; those of a Dataset are its own.
        start : int
            Symbols at the beginning of a row that are read and not counted.
        """
        if not is_whole(start, 0, math.prod(self.shape) - 1):
            raise ValueError(
                f"start={start!r}: must be a whole number below the {math.prod(self.shape)} symbols of a row"
            )
        bits, counted = self._bits(x, y, averaged)
        bits, counted = bits[..., start:], counted[..., start:]
        return (bits * counted).sum((-2, -1)) / counted.sum((-2, -1))

    def text(self, x):
        """Samples as text: a list of str, or a list of them for each member of a stack."""
        x = torch.as_tensor(x)
        if x.dim() == 3:
            return [self.text(rows) for rows in x]
        return as_text(x, self.symbols, self.end)

    @property
    def codec(self):
        """The way from native values and text to codes."""
        return symbols.Codec(self.shape, self.levels, self.symbols, self.end, self.scale)

    def _network(self, averaged):
        return self.average if averaged and self.hp.average > 0 else self.network

    def _read(self, function, prefix, y):
        """What a function of codes and labels gives for `prefix` and one empty place behind it."""
        x = pad(self.codec.prefix(prefix, 1, math.prod(self.shape) - 1).to(self.device), (0, 1))  # (1, L + 1)
        return function(x if self.members is None else x.expand(self.members, *x.shape), self._labels(1, y))

    def _bits(self, x, y, averaged):
        """What each symbol of x costs, and which of them count: (n, T) each, or (K, n, T) in a stack."""
        if isinstance(x, str):
            raise ValueError(f"x={x!r}: one text; give a list of texts, [{x!r}]")
        if isinstance(x, Dataset):
            x, y = x.x, x.y if y is None and self.classes else y
        elif isinstance(x, list | tuple) and x and all(isinstance(text, str) for text in x):
            x = self.scale.back(self.codec.texts(x).view(-1, *self.shape).to(self.scale.factor))
        x, network = self._rows(x, self.shape, "x"), self._network(averaged)
        x = self.codec.codes(x, "x").flatten(-len(self.shape))  # (n, T) or (K, n, T)
        y = self._labels(x.shape[-2], y)
        labels = [None] * len(x.split(ROWS, -2)) if y is None else y.split(ROWS, -1)
        parts = [bits_each(network(x, y), x) for x, y in zip(x.split(ROWS, -2), labels, strict=True)]
        return torch.cat(parts, -2), network.counted(x)
