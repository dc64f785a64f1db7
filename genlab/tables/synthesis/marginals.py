"""The joint distribution of a table's codes from noisy counts of columns and of pairs of columns: differentially private.

In the spirit of MST (McKenna, Miklau and Sheldon, 2021) and PrivBayes (Zhang et al., 2017): each column is counted by
itself; a tree of pairs that belong together is chosen, counted; then each column may get a second parent, one that hangs
together with its first, where that promises more than its noise costs. A column is drawn given its parents; three
columns are put together from their pairs by iterative proportional fitting (Deming and Stephan, 1940). All that looks at
rows goes through a :class:`genlab.tables.synthesis.privacy.Ledger`.

What is lost: interactions beyond pairs, skip patterns, pairs that were not chosen, and fine differences under the noise.
"""

import itertools
import math

import numpy as np

from genlab.tables.synthesis import margins
from genlab.tables.synthesis.joint import CHUNK, Chunked
from genlab.tables.synthesis.margins import simplex
from genlab.tables.synthesis.privacy import MOST_EPSILON, epsilon_of
from genlab.tables.synthesis.trees import choose
from genlab.tables.types import complain

SHARES = {"ranges": 0.05, "columns": 0.25, "choice": 0.1, "tree": 0.35, "second": 0.05, "pairs": 0.2}  # of the budget
MOST_NOISE = 0.05  # of the rows: more noise than this in the counts of a column is refused
ROUNDS = 30  # of proportional fitting


class Marginals(Chunked):
    """P(row) over codes: each column given none, one or two others.

    Parameters
    ----------
    found : list of Margin
    order : list of (int, tuple of int)
        Columns as they are drawn, each with its parents.
    tables : list of float array
        In that order P(group | groups of the parents), the column's own axis last.
    """

    independent = False

    def __init__(self, found, order, tables, **rest):
        super().__init__([margin.codes for margin in found], {}, None, **rest)
        self.found, self.order, self.tables = found, order, tables

    @classmethod
    def fit(cls, df, types, ledger, *, progress=None, **rest):
        """Learn the columns of a frame that `types` (a list of Column) names, and spend the ledger."""
        n, d = len(df), len(types)
        enough(ledger, n, d)
        most = _most(ledger.rho, n, d)
        found, rows, bought = [], np.zeros((n, d), dtype=np.int64), margins.parts(types)
        each = ledger.rho * (SHARES["columns"] + (0 if bought else SHARES["ranges"])) / max(d, 1)
        for j, column in enumerate(types):
            if column.kind == "number" and not column.range:
                column = margins.bought_range(df[column.name], column, ledger, ledger.rho * SHARES["ranges"] / bought)
            margin, rows[:, j] = margins.learn(df[column.name], column, ledger, rho=each, most=most)
            found.append(margin)
            if progress is not None:
                progress(j + 1, d)
        network = _Network(rows, found, ledger)
        network.grow()
        return cls(found, network.order, network.tables(), n_rows=n, **rest)

    def draw_rows(self, codes, rng):
        for place, (j, _) in enumerate(self.order):
            codes[:, j] = choose(self._proba(place, codes), rng)

    def log_prob(self, codes):
        total = np.zeros(len(codes))
        for place, (j, _) in enumerate(self.order):
            known, size = codes[:, j] >= 0, self.columns[j].size
            p = np.zeros(len(codes))
            for start in range(0, len(codes), CHUNK):
                part = slice(start, start + CHUNK)
                p[part] = self._proba(place, np.maximum(codes[part], 0))[np.arange(len(p[part])), codes[part, j]]
            total += np.log((np.where(known, p, 0.0) * self.n_rows + 1 / size) / (self.n_rows + 1))
        return total

    def seen(self, j):
        return self.found[j].p > 0

    def _proba(self, place, codes):
        """P(code of a column | its parents) for each row: (n, codes)."""
        j, parents = self.order[place]
        mine, groups = self.found[j], tuple(self.found[i].group[codes[:, i]] for i in parents)
        table = self.tables[place][..., mine.group] * mine.within(np.arange(len(mine.p)))
        return table[groups] if parents else np.broadcast_to(table, (len(codes), len(mine.p)))


def enough(ledger, n, d):
    """Refuse a budget under which the noise would drown the table."""
    each = SHARES["columns"] / max(d, 1)
    needed = 1 / (each * (MOST_NOISE * n) ** 2)
    rows = math.ceil(1 / (MOST_NOISE * math.sqrt(each * ledger.rho)))
    problems = [f"delta={ledger.delta:g}: must be below 1 / rows, here {1 / n:.2g}"] if ledger.delta >= 1 / n else []
    if needed > ledger.rho:
        least = _up(epsilon_of(needed, ledger.delta))
        problems.append(
            f"epsilon={ledger.epsilon:g} is too little for {n:,} rows of {d} columns: the noise would be more "
            f"than {100 * MOST_NOISE:.0f} % of the rows in each count; take "
            + (f"epsilon={least:g} or more, " if least <= MOST_EPSILON else "")
            + f"{rows:,} rows or more, or fewer columns"
        )
    complain("fit", problems)


def _up(epsilon):
    """Epsilon rounded up to two digits."""
    unit = 10 ** (math.floor(math.log10(epsilon)) - 1)
    return round(math.ceil(epsilon / unit) * unit, 10)


def _most(rho, n, d):
    """Groups of a column, so that a cell of two columns holds some times its noise."""
    sigma = math.sqrt(2 * max(d, 1) / (rho * (SHARES["tree"] + SHARES["pairs"])))
    return int(np.clip(math.sqrt(n / (4 * sigma)), 4, 24))


class _Network:
    """Which columns hang together, and the counts of those pairs, in groups.

    Parameters
    ----------
    rows : int array, shape (n, columns)
        Groups: the real rows, seen only by `exact`, whose outcome goes nowhere but into the ledger.
    """

    def __init__(self, rows, found, ledger):
        self.rows, self.ledger = rows, ledger
        self.names, self.shares = [m.codes.column.name for m in found], [m.shares for m in found]
        self.pairs, self.order = {}, []

    def grow(self):
        d = len(self.names)
        if d:
            tree = self._tree() if d > 1 else []
            self._orient(tree)
        if d > 2:
            self._second()

    def exact(self, i, j):
        """How often the groups of two columns occur together."""
        a, b = len(self.shares[i]), len(self.shares[j])
        return np.bincount(self.rows[:, i] * b + self.rows[:, j], minlength=a * b).reshape(a, b)

    def pair(self, i, j):
        """The estimated probabilities of two columns that were counted together."""
        return self.pairs[i, j] if (i, j) in self.pairs else self.pairs[j, i].T

    def _tree(self):
        """Pairs that join all columns, those that differ most from columns apart, and their counts."""
        d, rho = len(self.names), self.ledger.rho
        price, sigma = rho * SHARES["tree"] / (d - 1), self._noise(rho * SHARES["tree"] / (d - 1))
        score = {
            (i, j): self._gain(i, j, np.outer(self.shares[i], self.shares[j]), sigma)
            for i, j in itertools.combinations(range(d), 2)
        }
        part, tree = list(range(d)), []
        for number in range(d - 1):
            open_ = [pair for pair in score if part[pair[0]] != part[pair[1]]]
            each = rho * SHARES["choice"] / (d - 1)
            pick = open_[self.ledger.choose(f"choice {number + 1} of {d - 1} pairs", [score[p] for p in open_], each)]
            tree.append(pick)
            part = [part[pick[0]] if home == part[pick[1]] else home for home in part]
        for i, j in tree:
            self._measure(i, j, np.outer(self.shares[i], self.shares[j]), price)
        return tree

    def _orient(self, tree):
        """Order the columns from the one with most neighbours outwards."""
        near = {
            j: sorted({*itertools.chain(*(pair for pair in tree if j in pair))} - {j}) for j in range(len(self.names))
        }
        root = max(near, key=lambda j: len(near[j]))
        self.order, waiting = [(root, ())], [root]
        while waiting:
            at = waiting.pop(0)
            for j in near[at]:
                if j not in [done for done, _ in self.order]:
                    self.order.append((j, (at,)))
                    waiting.append(j)

    def _second(self):
        """A second parent for columns that it tells more about than its noise costs."""
        rho, rounds = self.ledger.rho, len(self.order) - 2
        price, each = rho * SHARES["pairs"] / rounds, rho * SHARES["second"] / rounds
        sigma = self._noise(price)
        for place in range(2, len(self.order)):
            j, (a,) = self.order[place]
            before = [i for i, _ in self.order[:place]]
            options = [b for b in before if b != a and ((a, b) in self.pairs or (b, a) in self.pairs)]
            guess = {b: _given(self.pair(j, a), 0) @ self.pair(a, b) for b in options}
            scores = [0.0, *(self._gain(j, b, guess[b], sigma) for b in options)]
            pick = self.ledger.choose(f"second parent of {self.names[j]}, or none", scores, each)
            if pick:
                b = options[pick - 1]
                self._measure(j, b, guess[b], price)
                self.order[place] = (j, (a, b))

    def _gain(self, i, j, expected, sigma):
        """L1 distance of the counts from those expected, less what noise of `sigma` would make of it."""
        n = len(self.rows)
        return np.abs(self.exact(i, j) - n * expected).sum() - math.sqrt(2 / math.pi) * sigma * expected.size

    @staticmethod
    def _noise(rho):
        return math.sqrt(1 / rho)

    def _measure(self, i, j, expected, rho):
        """Buy the counts of two columns; what the noise blurs is drawn towards what was expected."""
        n, names = len(self.rows), f"{self.names[i]} by {self.names[j]}"
        counts, sigma = self.ledger.counts(f"counts of {names}", self.exact(i, j).ravel(), rho)
        expected = n * expected.ravel()
        off = counts - expected
        spread = max((off**2).sum() - sigma**2 * len(off), 0) / n  # variance of what is real, per row expected
        signal = spread * expected
        p = simplex(expected + off * signal / (signal + sigma**2), n).reshape(len(self.shares[i]), -1) / n
        self.pairs[i, j] = fit([((0,), self.shares[i]), ((1,), self.shares[j])], p + 1e-12)

    def tables(self):
        """P(group | groups of the parents) of each column, in the order of drawing."""
        found = []
        for j, parents in self.order:
            if not parents:
                found.append(self.shares[j] / self.shares[j].sum())
            elif len(parents) == 1:
                found.append(_given(self.pair(parents[0], j), 1))
            else:
                a, b = parents
                start = self.pair(a, b)[:, :, None] * _given(self.pair(a, j), 1)[:, None, :]
                known = [((0, 1), self.pair(a, b)), ((0, 2), self.pair(a, j)), ((1, 2), self.pair(b, j))]
                found.append(_given(fit(known, start), 2))
        return found


def fit(known, p):
    """Probabilities of several columns, changed by proportion until they have the `known` margins (axes, array)."""
    for _ in range(ROUNDS):
        for axes, wanted in known:
            rest = tuple(axis for axis in range(p.ndim) if axis not in axes)
            here = p.sum(rest, keepdims=True)
            shape = [p.shape[axis] if axis in axes else 1 for axis in range(p.ndim)]
            p = p * (wanted.reshape(shape) / np.maximum(here, 1e-300))
    return p / p.sum()


def _given(p, axis):
    """P(column of `axis` | the others), or of axis 0 that of its column given the other, from joint probabilities."""
    total = p.sum(axis, keepdims=True)
    even = 1 / p.shape[axis]
    return np.where(total > 0, p / np.maximum(total, 1e-300), even)
