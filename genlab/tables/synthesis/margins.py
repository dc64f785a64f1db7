"""How columns become codes, and how often each code occurs, learned under a privacy budget.

What is declared is free: levels, codes for no answer, the range and the step of a number. The range of a number that was
not declared is bought: the powers of two between which noisy counts stand out. A long range is counted twice, in `BINS`
equal bins and value by value; values whose noisy count stands out of the noise stay values (weights heap at round
pounds), the rest of a bin is a range. Everything after the noisy counts is computed from them alone.
"""

import dataclasses
import math

import numpy as np

from genlab.tables.reading.amounts import HUGE
from genlab.tables.synthesis import encoding
from genlab.tables.synthesis.encoding import Codes, split_special
from genlab.tables.types import LEVELS

BINS, FEW = 32, 128  # equal bins of a long range; a range of at most so many values is counted value by value alone
MOST_VALUES = 50_000  # of a range that is counted value by value as well
POWERS = 60  # of two, on either side of zero, in which a range is looked for


@dataclasses.dataclass(frozen=True)
class Margin:
    """One column by itself.

    Parameters
    ----------
    codes : Codes
    p : float array, shape (codes.size,)
        Probability of each code.
    group : int array, shape (codes.size,)
        The group that stands for a code where columns are counted together; within it codes are drawn by `p`.
    """

    codes: Codes
    p: np.ndarray
    group: np.ndarray

    @property
    def shares(self):
        """Probability of each group."""
        return np.bincount(self.group, weights=self.p)

    def within(self, codes):
        """P(code | its group)."""
        return self.p[codes] / np.maximum(self.shares[self.group[codes]], 1e-300)


def undeclared(types):
    """What is not declared and cannot be bought, as a list of sentences, each with the line that mends it."""
    problems = []
    for name, column in types.items():
        if column.kind in LEVELS and not column.declared and not _by_dtype(column):
            problems.append(
                f"{name!r}: its levels were read off the rows; say which there can be, whatever the rows hold: "
                f"types.set({name!r}, levels={list(column.levels[:3])!r}{' + [...]' if len(column.levels) > 3 else ''})"
            )
        elif column.kind == "number" and {"step", "missing"} & set(column.guessed):
            problems.append(
                f"{name!r}: its step and its codes for no answer were read off the rows; say what the question allows: "
                f"types.set({name!r}, step={column.step:g}, missing={list(column.missing)!r}, range=(...))"
            )
        elif column.kind in LEVELS and column.missing and "missing" in column.guessed:
            problems.append(
                f"{name!r}: its codes for no answer were read off the rows; types.set({name!r}, missing={list(column.missing)!r})"
            )
        elif column.kind == "constant":
            problems.append(
                f"{name!r}: that all rows hold one value was read off the rows; "
                f"types.set({name!r}, kind='category', levels=[...]), or leave it out"
            )
        elif column.kind == "date":
            problems.append(
                f"{name!r}: dates cannot be learned this way; make it a number of days or years, with a range, or leave it out"
            )
    return problems


def without_guesses(column):
    """A column whose dtype follows from its step, where a guess had read it off the rows."""
    if column.kind != "number" or "dtype" not in column.guessed:
        return column
    return dataclasses.replace(column, dtype="int64" if float(column.step).is_integer() else "float64")


def _by_dtype(column):
    """Whether a column's levels follow from its dtype."""
    return column.kind == "boolean" and set(column.levels) == {False, True} and column.dtype.lower().startswith("bool")


def parts(types):
    """How many ranges are to be bought."""
    return sum(column.kind == "number" and not column.range for column in types)


def bought_range(series, column, ledger, rho):
    """`column` with a range of noisy powers of two, in steps."""
    special, x = split_special(series, column)
    k = np.clip(np.round(x[~np.isnan(x)] / column.step), -HUGE, HUGE)
    place = np.clip(np.sign(k) * np.ceil(np.log2(np.abs(k) + 1)), -POWERS, POWERS).astype(int) + POWERS
    cells = 2 * POWERS + 1
    counts, sigma = ledger.counts(f"range of {column.name}", np.bincount(place, minlength=cells), rho)
    there = np.flatnonzero(counts > sigma * (1 + math.sqrt(2 * math.log(cells))))
    there = there if len(there) else np.array([counts.argmax()])
    ends = [_ends(there[0] - POWERS)[0], _ends(there[-1] - POWERS)[1]]
    return dataclasses.replace(column, range=(ends[0] * column.step, max(ends[1], ends[0] + 1) * column.step))


def _ends(power):
    """Least and greatest number of steps in a power of two; of the negative ones mirrored."""
    if power == 0:
        return 0, 0
    low, high = 2 ** (abs(power) - 1), 2 ** abs(power) - 1
    return (low, high) if power > 0 else (-high, -low)


def learn(series, column, ledger, *, rho, most):
    """The Margin of a column for a price of `rho`, with groups for at most `most` places; and the group of each row."""
    if column.kind in LEVELS:
        nan = np.full(len(column.levels), math.nan)
        codes = Codes(column, tuple(column.levels), nan, nan)
        x = codes.encode(series)
        counts, _ = ledger.counts(f"counts of {column.name}", np.bincount(x, minlength=codes.size), rho)
        p = simplex(counts, len(x)) / len(x)
        place = np.arange(len(column.levels))
    else:
        codes, p, place = _number(series, column, ledger, rho)
        x = codes.encode(series)
    group = _groups(p, place, codes, most)
    return Margin(codes, p, group), group[x]


def _number(series, column, ledger, rho):
    """Codes of a number, their probabilities, and the bin of each place."""
    (low, high), n = column.range, len(series)
    special, x = split_special(series, column)
    there = ~np.isnan(x)
    cells = int(min(round((high - low) / column.step) + 1, 2**53))
    cell = np.clip(np.round((x[there] - low) / column.step), 0, cells - 1).astype(np.int64)
    start = 1 + len(column.missing)
    others = np.bincount(special[~there], minlength=start)
    value = lambda k: encoding.tidy(low + column.step * k, column.step)
    if cells <= FEW:
        counts, _ = ledger.counts(f"counts of {column.name}", [*others, *np.bincount(cell, minlength=cells)], rho)
        nan, places = np.full(cells, math.nan), tuple(map(float, value(np.arange(cells))))
        return Codes(column, places, nan, nan), simplex(counts, n) / n, np.arange(cells)
    edges = np.unique(np.round(np.linspace(0, cells, BINS + 1)).astype(np.int64))
    bin_of = np.searchsorted(edges, cell, "right") - 1
    fine = cells <= MOST_VALUES
    counts, _ = ledger.counts(
        f"counts of {column.name}, in {BINS} bins", [*others, *np.bincount(bin_of, minlength=BINS)], rho / (1 + fine)
    )
    counts, common, seen = simplex(counts, n), np.zeros(0, dtype=np.int64), np.zeros(0)
    if fine:
        exact, sigma = ledger.counts(f"values of {column.name}", np.bincount(cell, minlength=cells), rho / 2)
        common = np.flatnonzero(exact > sigma * math.sqrt(2 * math.log(cells)))  # of noise alone, less than one does
        seen = exact[common].astype(float)
    home = np.searchsorted(edges, common, "right") - 1
    total = np.bincount(home, weights=seen, minlength=BINS)
    rest = np.maximum(counts[start:] - total, 0)
    key = np.concatenate([common, (edges[:-1] + edges[1:] - 1) / 2])
    order = np.argsort(key, kind="stable")
    nan = np.full(len(common), math.nan)
    lower, upper = (np.concatenate([nan, value(part)])[order] for part in (edges[:-1], edges[1:]))
    places = [*map(float, value(common)), *[None] * BINS]
    p = np.concatenate([counts[:start], np.concatenate([seen, rest])[order]])
    place = np.concatenate([home, np.arange(BINS)])[order]
    return Codes(column, tuple(places[i] for i in order), lower, upper), p / p.sum(), place


def _groups(p, place, codes, most):
    """The group of each code: every kind of no answer its own, places in at most `most` groups of about equal mass."""
    start, mass = codes.special, np.bincount(place, weights=p[codes.special :])
    if codes.column.kind == "category":
        kept = np.sort(np.argsort(-mass, kind="stable")[: most if len(mass) <= most else most - 1])
        group = np.full(len(mass), len(kept))  # the others are one group
        group[kept] = np.arange(len(kept))
    elif len(mass) <= most:
        group = np.arange(len(mass))
    else:
        middle = (mass.cumsum() - mass / 2) / max(mass.sum(), 1e-300)
        group = np.minimum((middle * most).astype(int), most - 1)
    group = np.unique(group, return_inverse=True)[1].ravel()
    return np.concatenate([np.arange(start), start + group[place]])


def simplex(counts, total):
    """The nearest counts that are not negative and add up to `total` (Euclidean projection)."""
    counts = np.asarray(counts, dtype=float)
    ordered = np.sort(counts)[::-1]
    excess = (ordered.cumsum() - total) / np.arange(1, len(counts) + 1)
    return np.maximum(counts - excess[np.flatnonzero(ordered > excess)[-1]], 0.0)
