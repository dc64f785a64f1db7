"""The joint distribution of a table's codes: a chain of conditionals, and any others that are asked for.

The chain draws columns in the table's order. A question in another order (rows with a given answer, a gap, a column given
all others) is put to a tree grown for it on the same rows, which takes milliseconds. A model that was loaded has no
rows: it draws some from its own chain and grows on those.
"""

import numpy as np

from genlab.tables.synthesis import skips
from genlab.tables.synthesis.trees import Conditional

ASKED = 10  # trees, each on its own half of the rows, of a distribution that is asked for
OWN = 100_000  # most rows that a loaded model draws from itself
CHUNK = 8192  # rows at once
CANDIDATES = 4  # rows drawn for each one kept, where several columns are given with several values each


class Joint:
    """P(row) over codes.

    Parameters
    ----------
    columns : list of Codes
    skips : dict
        Of :func:`genlab.tables.synthesis.skips.find`.
    chain : list of Conditional
        One a column, each given the columns before it, or nothing.
    n_rows : int
        Rows it was learned from.
    rows : int array, shape (n_rows, columns), optional
        Their codes, where they are at hand.
    min_leaf, trees : int
        For conditionals that are yet to be grown, as is `salt`, a number that their random choices hang on.
    """

    def __init__(self, columns, skips, chain, *, n_rows, rows=None, min_leaf, trees, salt):
        self.columns, self.skips, self.chain, self.n_rows, self.rows = columns, skips, chain, n_rows, rows
        self.min_leaf, self.trees, self.salt = min_leaf, trees, salt
        self._asked = {}

    @classmethod
    def fit(cls, rows, columns, *, independent, min_leaf, trees, salt, rng, progress=None):
        """Learn from rows of codes (n, columns)."""
        found = {} if independent else skips.find(rows, [c.size for c in columns], [c.special for c in columns])
        self = cls(columns, found, [], n_rows=len(rows), rows=rows, min_leaf=min_leaf, trees=trees, salt=salt)
        for j in range(len(columns)):
            self.chain.append(self._grow(j, [] if independent else range(j), trees, rng))
            if progress is not None:
                progress(j + 1, len(columns))
        return self

    @property
    def independent(self):
        return not any(conditional.given for conditional in self.chain)

    def draw(self, n, rng, wanted=None):
        """Codes of n rows; `wanted` (column to bool array over its codes) is met by construction.

        The wanted columns come first. Where several of them allow several codes each, more candidates are drawn, and
        kept by how likely the later conditions were made by the earlier draws (sampling with importance weights).
        """
        wanted = wanted or {}
        order = [*sorted(wanted), *(j for j in range(len(self.columns)) if j not in wanted)]
        loose = len(wanted) > 1 and any(codes.sum() > 1 for codes in wanted.values())
        m = CANDIDATES * n if loose else n
        codes, weight = np.zeros((m, len(order)), dtype=np.int64), np.ones(m)
        for place, j in enumerate(order):
            if place == len(wanted) and loose:
                codes = codes[rng.choice(m, n, p=weight / weight.sum())]
            conditional = self.asked(j, order[:place], trees=self.trees) if wanted else self.chain[j]
            free = self.allowed(j, codes, order[:place])
            if j in wanted:
                free = wanted[j] if free is None else _both(free, wanted[j])
            codes[:, j], share = conditional.draw(codes, rng, free)
            weight = weight * share if j in wanted else weight
        if loose and len(codes) > n:  # every column was given
            codes = codes[rng.choice(m, n, p=weight / weight.sum())]
        return codes

    def fill(self, codes, gaps, given, rng):
        """Codes with the cells marked in `gaps` drawn anew, each row given all that it holds in the columns `given`.

        Parameters
        ----------
        codes : int array, shape (n, columns)
        gaps : bool array, shape (n, columns)
            Cells to fill with an answer.
        """
        codes = codes.copy()
        patterns, which = np.unique(gaps, axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            rows, known = np.flatnonzero(which.ravel() == number), [j for j in given if not pattern[j]]
            for j in np.flatnonzero(pattern):
                answers = np.arange(self.columns[j].size) >= self.columns[j].special
                free = self.allowed(j, np.where(codes[rows] == 0, -1, codes[rows]), known)
                free = answers if free is None else _both(free, answers)
                codes[rows, j] = self.asked(j, known).draw(codes[rows], rng, free)[0]
                known.append(j)
        return codes

    def gaps(self, codes, given):
        """Which empty cells an answer is missing in: not those that another answer's skip pattern leaves empty."""
        gaps = np.zeros(codes.shape, dtype=bool)
        answered = np.where(codes == 0, -1, codes)  # two empty cells do not explain each other
        for j in given:
            answers = np.arange(self.columns[j].size) >= self.columns[j].special
            free = self.allowed(j, answered, given)
            gaps[:, j] = (codes[:, j] == 0) & (answers.any() if free is None else (free & answers).any(1))
        return gaps

    def redraw(self, codes, fresh, given, rng, *, trees=ASKED):
        """Codes with the columns `fresh` drawn anew, given the columns `given`."""
        codes, known = codes.copy(), list(given)
        for j in fresh:
            codes[:, j] = self.asked(j, known, trees=trees).draw(codes, rng, self.allowed(j, codes, known))[0]
            known.append(j)
        return codes

    def proba(self, target, codes, given):
        """P(target | given) for each row: (n, codes of the target)."""
        p, free = self.asked(target, given).proba(codes), self.allowed(target, codes, given)
        p = p if free is None else np.where(free, p, 0.0)
        return p / p.sum(1, keepdims=True)

    def log_prob(self, codes):
        """Log probability of each row's codes."""
        return sum(conditional.log_prob(codes) for conditional in self.chain)

    def seen(self, j):
        """Which codes of a column occur in the rows it was learned from: a bool array."""
        return np.isin(np.arange(self.columns[j].size), self.chain[j].trees[0].code)

    def asked(self, target, given, *, trees=ASKED):
        """P(target | given), grown when it is first asked for; it does not depend on what was asked before."""
        given = [] if self.independent else sorted(given)
        key = (target, *given, trees)
        if key not in self._asked:
            if self.rows is None:
                self.rows = self.draw(min(CANDIDATES * self.n_rows, OWN), np.random.default_rng([self.salt, 0]))
            self._asked[key] = self._grow(target, given, trees, np.random.default_rng([self.salt, *key]))
        return self._asked[key]

    def allowed(self, target, codes, known):
        """Which codes of the target the skip patterns leave open, or None: see :func:`genlab.tables.synthesis.skips.allowed`."""
        return skips.allowed(self.skips, target, self.columns[target].size, codes, known)

    def _grow(self, target, given, trees, rng):
        here = self.columns[target]
        nominal = here.column.kind == "category"
        return Conditional.fit(
            self.rows, target, given, size=here.size, special=here.special, nominal=nominal,
            min_leaf=self.min_leaf, trees=trees, rng=rng,
        )  # fmt: skip


def _both(free, wanted):
    """Codes that are free and wanted; where a skip pattern and a wish contradict each other, those wanted."""
    both = free & wanted
    return np.where(both.any(1, keepdims=True), both, wanted)


class Chunked(Joint):
    """A joint distribution without a chain, which draws whole rows, so many at once, by `draw_rows` of its own."""

    def draw(self, n, rng, wanted=None):
        """Codes of n rows; with `wanted` by trees that are grown on rows of the model's own."""
        if wanted:
            return super().draw(n, rng, wanted)
        codes = np.zeros((n, len(self.columns)), dtype=np.int64)
        for start in range(0, n, CHUNK):
            self.draw_rows(codes[start : start + CHUNK], rng)
        return codes

    def draw_rows(self, codes, rng):
        """Draw rows of codes (n, columns), in place."""
        raise NotImplementedError
