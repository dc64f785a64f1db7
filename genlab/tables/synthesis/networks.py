"""The joint distribution of a table's codes by a network that learns it: what all networks of tables have.

They learn by the loops and the driver of all models, stop by rows that they hold back, and come back from files. Questions
in another order (rows with a given answer, a gap, one column given all others) are put to trees, grown on rows that the
network makes. No formal privacy is promised. The networks stand in ``by_column``, ``by_code`` and ``by_game``.
"""

import copy
import math

import numpy as np
import torch

from genlab import storage, training
from genlab.parts import threads
from genlab.tables.synthesis import skips
from genlab.tables.synthesis.joint import Chunked
from genlab.tables.synthesis.trees import choose

NEVER = -1e4  # logit of a code that a column does not have; finite, so that nothing times it is NaN
BATCH, BATCH_OF_MANY, MANY = 256, 512, 20_000  # rows in a step, in tables of so many rows
EPOCHS = 200
HELD, LEAST_HELD = 0.1, 200  # share of the rows that are held back to say when to stop, and how many at least
GAIN = 1e-3  # bits a row that count as one


class Networked(Chunked):
    """P(row) over codes, by a network. A family adds what is marked as its own below.

    Attributes
    ----------
    network : Module
    history : list of dict
        One an epoch: "epoch", and the two `fields`: what rows cost of those learned from, and of those held back.
    stopped : str or None
        Why it ended before it was done; the best so far is kept.
    """

    independent = False
    fields = ("learned", "held back")  # bits a row
    epochs = EPOCHS  # at most
    slower = 3  # epochs without a gain, after which it goes on at 0.3 of the step size
    enough = 6  # epochs without a gain, after which it ends
    warm = 0  # epochs before which neither the lack of a gain slows it nor ends it

    def __init__(self, network, columns, skips, **rest):
        super().__init__(columns, skips, None, **rest)
        self.network, self.history, self.stopped = network, [], None

    # -- a family's own ------------------------------------------------------------------------------------------------

    def begin(self, counts, x, seed, batch_size):
        """Knobs, the loop that learns rows x of codes (n, columns), and the module that is judged and kept."""
        raise NotImplementedError

    def cost(self, network, x):
        """What learning is judged by, of rows of codes x: less is better. Mean bits a row, where there are such."""
        raise NotImplementedError

    def steps(self, n, hp):
        """How many make an epoch of n rows."""
        return n // hp.batch_size

    def slow(self, hp):
        """Make the step size smaller."""
        hp.lr *= 0.3

    def ahead(self, n, rng):
        """What is drawn before the first column of n rows."""
        return None

    def shares(self, j, before, ahead):
        """Probabilities (n, codes of column j), after the columns before it (n, j)."""
        raise NotImplementedError

    @classmethod
    def large(cls, sizes, shapes):
        """Shapes of its large tensors, for columns of so many codes, where a file has `shapes`."""
        raise NotImplementedError

    @classmethod
    def blank(cls, sizes, shapes):
        """A network that a file with such tensors can be read into."""
        raise NotImplementedError

    # -- what all have -------------------------------------------------------------------------------------------------

    @classmethod
    def fit(cls, rows, columns, *, min_leaf, trees, salt, rng, progress=None):
        """Learn from rows of codes (n, columns); `progress` is called with the epoch and the most there can be."""
        found = skips.find(rows, [c.size for c in columns], [c.special for c in columns])
        self = cls(None, columns, found, n_rows=len(rows), min_leaf=min_leaf, trees=trees, salt=salt)
        self._learn(rows, rng, progress)
        return self

    def _learn(self, rows, rng, progress):
        n, order, seed = len(rows), rng.permutation(len(rows)), int(rng.integers(2**63))
        x = self._known(rows)[torch.from_numpy(order)]  # (n, columns)
        held = max(1, min(max(LEAST_HELD, int(HELD * n)), n // 4))
        held, x = x[:held], x[held:]
        counts = [torch.bincount(x[:, j], minlength=c.size + 1)[: c.size].float() for j, c in enumerate(self.columns)]
        hp, loop, judged = self.begin(counts, x, seed, min(BATCH if n < MANY else BATCH_OF_MANY, len(x)))
        self.network, least, idle = copy.deepcopy(judged).requires_grad_(False), math.inf, 0
        for epoch in range(1, self.epochs + 1):
            run = training.run(loop, self.steps(len(x), hp))
            with torch.no_grad(), threads(1):
                learned, unseen = self.cost(judged, x[: len(held)]), self.cost(judged, held)
            self.history.append(dict(zip(("epoch", *self.fields), (epoch, learned, unseen), strict=True)))
            idle += epoch > self.warm
            if unseen < least - GAIN:
                least, idle = unseen, 0
                self.network.load_state_dict(judged.state_dict())
            elif idle and idle % self.slower == 0:
                self.slow(hp)
            if progress is not None:
                progress(epoch, self.epochs)
            self.stopped = run.stopped
            if run.stopped or idle == self.enough:
                break

    @torch.no_grad()
    @threads(1)
    def draw_rows(self, codes, rng):
        ahead = self.ahead(len(codes), rng)
        for j in range(len(self.columns)):
            p, free = self.shares(j, torch.from_numpy(codes[:, :j]), ahead), self.allowed(j, codes, range(j))
            if free is not None:
                p = np.where((p * free).any(1, keepdims=True), p * free, free)
            codes[:, j] = choose(p, rng)

    def _known(self, codes):
        """Codes as networks take them: a tensor, in which a cell without a code has one behind those of its column."""
        sizes = np.array([c.size for c in self.columns], dtype=np.int64)
        return torch.from_numpy(np.where(codes < 0, sizes, codes))

    def _floored(self, p, j):
        """p of codes of column j with a share of one row more than was ever seen, spread over all codes."""
        return (p * self.n_rows + 1 / self.columns[j].size) / (self.n_rows + 1)

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
        wrong = [name for name, shape in cls.large(sizes, shapes).items() if shapes.get(name) != shape]
        if not wrong:  # now none can be larger than the file
            network, tensors = cls.blank(sizes, shapes).requires_grad_(False), storage.load_tensors(path, about)
            own, kinds = network.state_dict(), {name: (t.shape, t.dtype) for name, t in tensors.items()}
            wrong = [name for name, tensor in own.items() if kinds.get(name) != (tensor.shape, tensor.dtype)]
            wrong += [name for name, tensor in tensors.items() if name not in own or not tensor.isfinite().all()]
        if not wrong:
            wrong = [name for name in own if name.endswith("never") and not _may(tensors[name], own[name])]
        history, fields = about.get("history"), {"epoch", *cls.fields}
        if not isinstance(history, list) or any(not isinstance(r, dict) or set(r) != fields for r in history):
            wrong.append("history")
        if wrong:
            raise ValueError(f"{', '.join(sorted(set(wrong)))}: not of a network for these columns")
        network.load_state_dict(tensors)
        self = cls(network, columns, skips, **rest)
        self.history, self.stopped = history, about.get("stopped")
        return self

    def seen(self, j):
        return (self.never[j, : self.columns[j].size] == 0).numpy()


def starts(sizes):
    """Where each column's codes begin in a table that holds those of all, each with the one for cells without a code."""
    return torch.tensor([0, *(size + 1 for size in sizes[:-1])]).cumsum(0)


def margins(counts):
    """Logits (columns, levels) of the shares of the codes, and which codes never occur: `NEVER` there, 0 elsewhere."""
    shape = len(counts), max(map(len, counts)) + 1
    logits, never = torch.zeros(shape), torch.full(shape, NEVER)
    for j, count in enumerate(counts):
        there = count > 0
        never[j, : len(count)][there] = 0.0
        logits[j, : len(count)][there] = (count[there] / count.sum()).log()
    return logits, never


def _may(never, own):
    """Whether a code may be one that never occurs: one behind those of its column never does, and some code does."""
    return bool(((never == NEVER) | (never == 0) & (own == 0)).all() and (never == 0).any(-1).all())
