"""The distribution of one column given others, by decision trees that hold counts and never rows.

A tree (scikit-learn's; classification and regression trees after Breiman et al., 1984) splits the training rows by the
given columns until `min_leaf` rows would be too few, and only where a split gains more likelihood than the numbers it adds
would by chance (Akaike, 1974); each leaf then holds how often each code of the column occurs in it. One tree a column,
each given the columns before it, is an autoregressive model of a table (Reiter, 2005).

Rows are drawn from a leaf's counts alone, so that what never happened there is not made. For probabilities, where zero
would be a claim too strong, a leaf of n rows with d different codes lends d / (n + d) of its weight to the branches above
it (Witten and Bell, 1991): a pure leaf stays almost pure, a varied one admits codes that its few rows happen to lack.
"""

import dataclasses
import math

import numpy as np
from sklearn.tree import DecisionTreeClassifier

GROUPS = 20  # into which a column with more codes is gathered while a tree chooses its splits
MAX_CELLS = 30_000_000  # leaves * codes of one tree: 120 MB while a distribution is drawn from


@dataclasses.dataclass(frozen=True)
class Tree:
    """One grown tree: inner nodes ask ``feature <= threshold``; `counts` holds a leaf's codes.

    Parameters
    ----------
    feature, left, right : int array, shape (nodes,)
        Children are -1 at a leaf; every child has a higher number than its parent.
    threshold : float array, shape (nodes,)
    node, code, count : int array, shape (entries,)
        How often a code occurs in a leaf, for those that do.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    node: np.ndarray
    code: np.ndarray
    count: np.ndarray

    def leaves(self, x):
        """The leaf of each row of features x (n, features)."""
        at = np.zeros(len(x), dtype=np.int64)
        rows = np.arange(len(x)) if self.left[0] >= 0 else np.arange(0)
        while len(rows):
            node = at[rows]
            low = x[rows, self.feature[node]] <= self.threshold[node]
            at[rows] = np.where(low, self.left[node], self.right[node])
            rows = rows[self.left[at[rows]] >= 0]
        return at

    def table(self, size, *, blend):
        """Probabilities of the `size` codes in each leaf, and each node's row in it: (leaves, size) and (nodes,)."""
        p = np.zeros((len(self.left), size), dtype=np.float32)
        p[self.node, self.code] = self.count
        inner = np.flatnonzero(self.left >= 0)
        for i in inner[::-1] if blend else ():
            p[i] = p[self.left[i]] + p[self.right[i]]
        n, kinds = np.maximum(p.sum(1), 1), (p > 0).sum(1)
        p /= n[:, None]
        for i in inner if blend else ():
            for child in (self.left[i], self.right[i]):
                p[child] = (n[child] * p[child] + kinds[child] * p[i]) / (n[child] + kinds[child])
        leaf = self.left < 0
        return p[leaf], leaf.cumsum() - 1


class Conditional:
    """P(target | given), all of them numbers of columns.

    Parameters
    ----------
    target : int
    given : tuple of int
    size : int
        Number of codes of the target.
    trees : list of Tree
        Their mean is the distribution.
    """

    def __init__(self, target, given, size, trees):
        self.target, self.given, self.size, self.trees = target, list(given), size, list(trees)
        self._tables = {}

    @classmethod
    def fit(cls, codes, target, given, *, size, special, nominal, min_leaf, trees, rng):
        """Grow trees on codes (n, columns); rows whose target has no code are left out.

        Parameters
        ----------
        size, special : int
            Number of codes of the target, and of those which stand for no answer.
        nominal : bool
            Whether the target's codes have no order.
        min_leaf, trees : int
            Least rows in a leaf; with several trees each grows on its own half of the rows (Buehlmann and Yu, 2002).
        rng : numpy Generator
        """
        codes = codes[codes[:, target] >= 0]
        self = cls(target, given, size, [])
        y, x = codes[:, target], self.features(codes)
        group = _groups(y, size, special, nominal)
        min_leaf = max(min_leaf, math.ceil(len(y) * self.size / MAX_CELLS))
        for _ in range(trees):
            rows = rng.permutation(len(y))[: (len(y) + 1) // 2] if trees > 1 else slice(None)
            self.trees.append(_grow(x[rows], group[y[rows]], y[rows], min_leaf, int(rng.integers(2**31))))
        return self

    def features(self, codes):
        """What the trees ask about: the codes of the given columns."""
        return codes[:, self.given].astype(np.float32)

    def proba(self, codes):
        """Probability of each code of the target for each row: (n, size). None is zero."""
        p = sum(table[leaf].astype(float) for leaf, table in self._leaves(codes, blend=True))
        return self._floored(p / len(self.trees))

    def log_prob(self, codes):
        """Log probability of the target's own code in each row; one without a code counts as never seen."""
        y = codes[:, self.target]
        p = sum(np.where(y >= 0, table[leaf, y], 0.0) for leaf, table in self._leaves(codes, blend=True))
        return np.log(self._floored(p / len(self.trees)))

    def draw(self, codes, rng, allowed=None):
        """A code for each row, from the counts of its leaf alone, so that what never happened there is not made.

        Parameters
        ----------
        allowed : bool array, shape (size,) or (n, size), optional
            Other codes are not drawn. Where a leaf holds nothing allowed, the branches above it are asked as well.

        Returns
        -------
        drawn : int array, shape (n,)
        weight : float array, shape (n,)
            Probability of what was allowed, 1 without restriction.
        """
        tree = rng.integers(0, len(self.trees), len(codes))
        drawn, weight = np.zeros(len(codes), dtype=np.int64), np.ones(len(codes))
        for b, (leaf, table) in enumerate(self._leaves(codes)):
            rows = np.flatnonzero(tree == b)
            if allowed is None:
                edges = table.cumsum(1, dtype=float)
                edges = (edges / edges[:, -1:] + np.arange(len(table))[:, None]).ravel()
                place = np.searchsorted(edges, leaf[rows] + rng.random(len(rows)), "right")
                drawn[rows] = np.minimum(place - leaf[rows] * self.size, self.size - 1)
            else:
                p = table[leaf[rows]] * np.broadcast_to(allowed, (len(codes), self.size))[rows]
                weight[rows], drawn[rows] = p.sum(1), choose(p, rng)
        if allowed is not None and (weight == 0).any():
            rows = np.flatnonzero(weight == 0)
            p = self.proba(codes[rows]) * np.broadcast_to(allowed, (len(codes), self.size))[rows]
            weight[rows], drawn[rows] = p.sum(1), choose(p, rng)
        return drawn, weight

    def _floored(self, p):
        """p with a share of one row more than was ever seen, spread over all codes."""
        n = self.trees[0].count.sum()
        return (p * n + 1 / self.size) / (n + 1)

    def _leaves(self, codes, *, blend=False):
        """For each tree: the row of its table that each row of codes uses, and that table (leaves, size)."""
        if blend not in self._tables:
            self._tables[blend] = [tree.table(self.size, blend=blend) for tree in self.trees]
        x = self.features(codes)
        for tree, (table, row) in zip(self.trees, self._tables[blend], strict=True):
            yield row[tree.leaves(x)], table


def choose(p, rng):
    """A column number for each row of weights p (n, size)."""
    edges = p.cumsum(1, dtype=float)
    return np.minimum((edges <= rng.random(len(p))[:, None] * edges[:, -1:]).sum(1), p.shape[1] - 1)


def _groups(y, size, special, nominal):
    """Code to class for the choice of splits: at most about `GROUPS` classes, which keep order where there is one."""
    if size <= GROUPS + special:
        return np.arange(size)
    count = np.bincount(y, minlength=size)
    group = np.arange(size)  # the kinds of no answer stay apart
    if nominal:
        commonest = np.argsort(-count[special:], kind="stable")[: GROUPS - 1]
        group[special:] = special
        group[special + commonest] = special + 1 + np.arange(len(commonest))
    else:
        share = (count[special:].cumsum() - count[special:] / 2) / max(count[special:].sum(), 1)
        group[special:] = special + np.minimum((share * GROUPS).astype(int), GROUPS - 1)
    return group


def _grow(x, group, y, min_leaf, seed):
    """A Tree that splits features x to tell the groups apart, with the counts of y in its leaves."""
    if not x.shape[1] or len(y) < 2 * min_leaf:
        none, leaf = np.full(1, -1), np.zeros(len(y), dtype=np.int64)
        feature, threshold, left, right = np.zeros(1, dtype=int), np.zeros(1), none, none
    else:
        cost = (len(np.unique(group)) - 1) / math.log(2) / len(y)  # in bits a row, as the criterion counts
        grown = DecisionTreeClassifier(
            criterion="entropy", min_samples_leaf=min_leaf, min_impurity_decrease=cost, random_state=seed
        ).fit(x, group)
        inner = grown.tree_
        leaf = inner.apply(x)
        feature, threshold = np.maximum(inner.feature, 0), inner.threshold
        left, right = inner.children_left, inner.children_right
    width = int(y.max(initial=0)) + 1
    key, count = np.unique(leaf * width + y, return_counts=True)
    return Tree(feature, threshold, left, right, key // width, key % width, count)
