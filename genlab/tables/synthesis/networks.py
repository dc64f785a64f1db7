"""The joint distribution of a table's codes by a network that learns it: the loop and the driver of all models.

The same factorisation as the trees', by other conditionals: column after column, each from those before it. Questions in
another order are put to trees, grown on rows that the network makes. It promises no formal privacy.
"""

import copy
import math

import numpy as np
import torch

from genlab import storage, training
from genlab.autoregressive import AutoregressiveParams, autoregressive_steps, bits_each
from genlab.parts import INITIALISE, LEARN, Adam, Batches, Streams, threads
from genlab.tables.synthesis import skips
from genlab.tables.synthesis.grouped import NEVER, Grouped
from genlab.tables.synthesis.joint import Joint
from genlab.tables.synthesis.trees import choose

KNOBS = dict(hidden=64, dropout=0.2, lr=2e-3, beta2=0.999, average=0.99)
BATCH, BATCH_OF_MANY, MANY = 256, 512, 20_000  # rows in a step, in tables of so many rows
EPOCHS = 100
HELD, LEAST_HELD = 0.1, 200  # share of the rows that are held back to say when to stop, and how many at least
SLOWER, ENOUGH = (
    3,
    6,
)  # epochs without a gain: after the first it goes on at 0.3 of the step size, after the second it ends
GAIN = 1e-3  # bits a row that count as one
CHUNK = 8192  # rows at once


class Networked(Joint):
    """P(row) over codes, by a network.

    Attributes
    ----------
    network : Grouped
    history : list of dict
        One an epoch: "epoch", "learned" and "held back", both in bits a row.
    stopped : str or None
        Why it ended before it was done; the best so far is kept.
    """

    independent = False

    def __init__(self, network, columns, skips, **rest):
        super().__init__(columns, skips, None, **rest)
        self.network, self.history, self.stopped = network, [], None

    @classmethod
    def fit(cls, rows, columns, *, min_leaf, trees, salt, rng, progress=None):
        """Learn from rows of codes (n, columns); `progress` is called with the epoch and the most there can be."""
        found = skips.find(rows, [c.size for c in columns], [c.special for c in columns])
        self = cls(None, columns, found, n_rows=len(rows), min_leaf=min_leaf, trees=trees, salt=salt)
        self._learn(rows, rng, progress)
        return self

    def _learn(self, rows, rng, progress):
        n, sizes = len(rows), [c.size for c in self.columns]
        order, seed = rng.permutation(n), int(rng.integers(2**63))
        x = self._known(rows)[torch.from_numpy(order)]  # (n, columns)
        held = max(1, min(max(LEAST_HELD, int(HELD * n)), n // 4))
        held, x = x[:held], x[held:]
        counts = [torch.bincount(x[:, j], minlength=size + 1)[:size].float() for j, size in enumerate(sizes)]
        hp = AutoregressiveParams(**KNOBS, batch_size=min(BATCH if n < MANY else BATCH_OF_MANY, len(x)))
        network = Grouped(counts, hp, Streams(seed, INITIALISE))
        average = copy.deepcopy(network, {id(hp): hp}).requires_grad_(False)
        batches = Batches(x, None, hp, seed, {"step": 0, "rows": 0})
        loop = autoregressive_steps(network, Adam(network.parameters()), average, batches, hp, Streams(seed, LEARN))
        self.network, least, idle = copy.deepcopy(average), math.inf, 0
        for epoch in range(1, EPOCHS + 1):
            run = training.run(loop, len(x) // hp.batch_size)
            bits = {"learned": _bits(average, x[: len(held)]), "held back": _bits(average, held)}
            self.history.append({"epoch": epoch} | bits)
            idle += 1
            if bits["held back"] < least - GAIN:
                least, idle = bits["held back"], 0
                self.network.load_state_dict(average.state_dict())
            elif idle % SLOWER == 0:
                hp.lr *= 0.3
            if progress is not None:
                progress(epoch, EPOCHS)
            self.stopped = run.stopped
            if run.stopped or idle == ENOUGH:
                break

    @torch.no_grad()
    @threads(1)
    def draw(self, n, rng, wanted=None):
        """Codes of n rows; with `wanted` by trees that are grown on rows of the network's own."""
        if wanted:
            return super().draw(n, rng, wanted)
        codes = np.zeros((n, len(self.columns)), dtype=np.int64)
        for start in range(0, n, CHUNK):
            part = codes[start : start + CHUNK]  # a view: filled in place
            for j in range(len(self.columns)):
                p = self.network.column(j, torch.from_numpy(part[:, :j])).softmax(1).numpy()
                free = self.allowed(j, part, range(j))
                if free is not None:
                    p = np.where((p * free).any(1, keepdims=True), p * free, free)
                part[:, j] = choose(p, rng)
        return codes

    @torch.no_grad()
    @threads(1)
    def log_prob(self, codes):
        """Log probability of each row's codes; what was never seen has the share of one row more, spread over all codes."""
        total, n = np.zeros(len(codes)), self.n_rows
        known = self._known(codes)
        for j, here in enumerate(self.columns):
            for start in range(0, len(codes), CHUNK):
                part = slice(start, start + CHUNK)
                p = self.network.column(j, known[part, :j]).softmax(1).numpy()
                code = codes[part, j]
                own = np.where(code >= 0, p[np.arange(len(p)), np.maximum(code, 0)], 0.0)
                total[part] += np.log((own * n + 1 / here.size) / (n + 1))
        return total

    def _known(self, codes):
        """Codes as the network takes them: a tensor, in which a cell without a code has one behind those of its column."""
        sizes = np.array([c.size for c in self.columns], dtype=np.int64)
        return torch.from_numpy(np.where(codes < 0, sizes, codes))

    def write(self, path):
        """Write the network to a file: weights, which codes occur, and how the learning went."""
        return storage.save(path, self.network.state_dict(), dict(history=self.history, stopped=self.stopped))

    @classmethod
    def read(cls, path, columns, skips, **rest):
        """What :meth:`write` wrote, for these columns; the file may come from anybody.

        Raises
        ------
        ValueError
            It does not hold a network for these columns.
        """
        about, outline = storage.load_header(path)
        sizes, shapes = [c.size for c in columns], {name: tuple(tensor.shape) for name, tensor in outline.items()}
        hidden = shapes.get("inner", (0,))[-1]
        wanted = {  # the large ones, before any is made
            "codes.weight": (sum(sizes) + len(sizes), Grouped.width),
            "first": (len(sizes) * hidden, len(sizes) * Grouped.width),
            "out": (len(sizes), hidden, max(sizes, default=0) + 1),
        }
        wrong = [name for name, shape in wanted.items() if shapes.get(name) != shape]
        network = None
        if not wrong:
            hp = AutoregressiveParams(**KNOBS | dict(hidden=hidden))
            network = Grouped([torch.ones(size) for size in sizes], hp, Streams(0, INITIALISE)).requires_grad_(False)
            own, tensors = network.state_dict(), storage.load_tensors(path, about)
            kinds = {name: (tensor.shape, tensor.dtype) for name, tensor in tensors.items()}
            wrong = [name for name, tensor in own.items() if kinds.get(name) != (tensor.shape, tensor.dtype)]
            wrong += [name for name, tensor in tensors.items() if name not in own or not tensor.isfinite().all()]
        if not wrong:  # a code may be one that never occurs; one behind those of its column never does
            may, never = own["never"] == 0, tensors["never"]
            right = ((never == NEVER) | (never == 0) & may).all() and (never == 0).any(-1).all()
            wrong += [] if right else ["never"]
        history = about.get("history")
        fields = {"epoch", "learned", "held back"}
        if not isinstance(history, list) or any(not isinstance(r, dict) or set(r) != fields for r in history):
            wrong.append("history")
        if wrong:
            raise ValueError(f"{', '.join(sorted(set(wrong)))}: not of a network for these columns")
        network.load_state_dict(tensors)
        self = cls(network, columns, skips, **rest)
        self.history, self.stopped = history, about.get("stopped")
        return self

    def seen(self, j):
        return (self.network.never[j, 0, : self.columns[j].size] == 0).numpy()


@torch.no_grad()
@threads(1)
def _bits(network, x):
    """Mean cost of rows of codes, bits."""
    total = 0.0
    for part in x.split(CHUNK):
        total += (bits_each(network(part), part) * network.counted(part)).sum().item()
    return total / len(x)
