"""A privacy budget: noise that is paid for, what was paid, and what it means.

Differential privacy (Dwork and Roth, 2014) for tables that differ in one row's answers, with the number of rows known to
all ("replace one"). Spending is counted as rho (zero-concentrated differential privacy; Bun and Steinke, 2016), which adds
up, and is told as epsilon at a delta by the conversion of Canonne, Kamath and Steinke (2020). Counts get whole-number
noise, the discrete Gaussian of the same authors; choices are made by the exponential mechanism, at the price that Cesar
and Rogers (2021) prove. A :class:`Ledger` is the only way to look at the rows: what is not paid for is not seen.

The noise is whole numbers, so that the last digits of a float betray nothing (Mironov, 2012); its probabilities are those
of double precision, right to about 1e-15, and it comes from NumPy's generator, which is no cryptographic one. How long a
computation takes is not hidden.
"""

import dataclasses
import functools
import html
import math

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from genlab.tables.types import complain

MOST_EPSILON, LEAST_DELTA = 100.0, 1e-100
CELLS, SCORE = (
    2.0,
    2.0,
)  # one row replaced: squared L2 change of counts (two cells by one), and change of an L1 distance


def epsilon_of(rho, delta):
    """The epsilon at `delta` of a mechanism that spent `rho` (Canonne et al., 2020, Proposition 12).

    Every order alpha gives a bound that holds; the best is looked for.
    """
    if rho <= 0:
        return 0.0

    def bound(log_excess):
        alpha = 1 + math.exp(log_excess)
        return alpha * rho + (math.log(1 / delta) - math.log(alpha)) / (alpha - 1) + math.log1p(-1 / alpha)

    usual = 0.5 * math.log(math.log(1 / delta) / rho)  # the order that the simpler bound of Bun and Steinke has
    return max(0.0, float(minimize_scalar(bound, bounds=(usual - 6, usual + 6), method="bounded").fun))


@functools.lru_cache(64)
def rho_of(epsilon, delta):
    """The most rho that may be spent at `epsilon` and `delta`: where :func:`epsilon_of` reaches it, from below."""
    low, high = 0.0, epsilon + 1.0
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if epsilon_of(middle, delta) <= epsilon else (low, middle)
    return low


def check(epsilon, delta):
    """What is wrong with a budget, as a list of sentences."""
    right = lambda value: isinstance(value, int | float | np.number) and not isinstance(value, bool)
    problems = []
    if epsilon is None:
        problems.append(
            "epsilon is a required number, and yours to choose: 1 is strict, 3 is middling, 10 is weak; "
            "epsilon=3.0, delta=1e-5"
        )
    elif not right(epsilon) or not 0 < epsilon <= MOST_EPSILON:
        problems.append(f"epsilon={epsilon!r}: must be a number above 0, and at most {MOST_EPSILON:g}")
    if delta is None:
        problems.append("delta is a required number, far below 1 / rows: the chance that epsilon may fail; delta=1e-5")
    elif not right(delta) or not LEAST_DELTA <= delta < 0.5:
        problems.append(f"delta={delta!r}: must be at least {LEAST_DELTA:g}, and far below 1 / rows, such as 1e-5")
    return problems


def discrete_gaussian(sigma, size, rng):
    """Whole numbers with P(x) proportional to exp(-x^2 / (2 sigma^2)), by rejection from discrete Laplace (Canonne et al.)."""
    scale, found = math.floor(sigma) + 1, np.zeros(size, dtype=np.int64)
    left = np.arange(size)
    while len(left):
        one, other = (rng.geometric(-math.expm1(-1 / scale), len(left)) for _ in range(2))
        drawn = one - other
        kept = rng.random(len(left)) < np.exp(-((np.abs(drawn) - sigma**2 / scale) ** 2) / (2 * sigma**2))
        found[left[kept]] = drawn[kept]
        left = left[~kept]
    return found


class Ledger:
    """A budget, the mechanisms that spend it, and the items that were bought.

    Parameters
    ----------
    epsilon, delta : float
    rng : numpy Generator
        Of the noise.
    seeded : bool
        Whether the noise can be made again by who knows the seed.
    """

    def __init__(self, epsilon, delta, rng, *, seeded):
        self.epsilon, self.delta, self.rng, self.seeded = float(epsilon), float(delta), rng, seeded
        self.rho, self.items = rho_of(epsilon, delta), []

    @property
    def left(self):
        return self.rho - sum(rho for _, rho, _ in self.items)

    def counts(self, what, counts, rho):
        """Counts of rows in cells that do not overlap, with noise of a variance of 1 / rho; and its standard deviation."""
        sigma = math.sqrt(CELLS / (2 * rho))
        self._pay(what, rho, sigma)
        return np.asarray(counts, dtype=np.int64) + self.noise(sigma, len(counts)), sigma

    def choose(self, what, scores, rho):
        """The place of one of the largest scores, which one row changes by at most `SCORE` each."""
        self._pay(what, rho, math.nan)
        pull = math.sqrt(8 * rho) / (2 * SCORE)  # an epsilon of the choice costs epsilon^2 / 8
        return int(np.argmax(pull * np.asarray(scores, dtype=float) + self.rng.gumbel(size=len(scores))))

    def noise(self, sigma, size):
        """So many whole numbers of noise."""
        return discrete_gaussian(sigma, size, self.rng)

    def _pay(self, what, rho, noise):
        if not 0 < rho <= self.left + 1e-9 * self.rho:
            raise ValueError(
                f"{what}: costs rho {rho:.3g}, and {max(self.left, 0):.3g} of {self.rho:.3g} is left of the budget; "
                "give a larger epsilon, or ask for less"
            )
        self.items.append((what, float(rho), float(noise)))

    def spent(self):
        """What was spent so far: a :class:`Spent`."""
        return Spent(self.epsilon, self.delta, tuple(self.items), self.seeded)


@dataclasses.dataclass(frozen=True, repr=False)
class Spent:
    """What a model spent of privacy, item by item; shown in a notebook it is a table. Two are added where both were
    learned from the same people.

    Attributes
    ----------
    epsilon, delta : float
        The promise.
    bought : tuple of (str, float, float)
        What was looked at, its rho, and the standard deviation of its noise in rows (NaN of a choice).
    seeded : bool
    """

    epsilon: float
    delta: float
    bought: tuple
    seeded: bool = False

    @property
    def rho(self):
        """All that was spent; its epsilon is at most the promised one."""
        return sum(rho for _, rho, _ in self.bought)

    @property
    def items(self):
        """A DataFrame, one row an item: rho, its share of the whole, and the noise in rows."""
        frame = pd.DataFrame(list(self.bought), columns=["what", "rho", "noise (rows)"]).set_index("what")
        frame.insert(1, "share", frame["rho"] / max(self.rho, 1e-300))
        return frame

    def sentence(self):
        """What was spent and what it means, in one sentence, and a second one where the promise is weak."""
        times = f"{math.exp(self.epsilon):,.3g}" if self.epsilon < 14 else f"e^{self.epsilon:g}"
        said = (
            f"Spent on these rows: epsilon {self.epsilon:.3g} at delta {self.delta:.1g}, which means that whatever anybody does "
            f"with what was made, no outcome is more than {times} times as probable as if any one row had held other answers "
            f"(but for a probability of {self.delta:.1g})."
        )
        if self.epsilon > 5:
            said += " That is a weak promise: a strict one has an epsilon of about 1."
        if self.seeded:
            said += " The noise came from a fixed random_state: who knows it can take the noise away."
        return said

    @property
    def free(self):
        """What was not paid for, because it is taken to be known to all, as a sentence."""
        return (
            "Not paid for: the number of rows, and the types (kinds, levels, codes for no answer, ranges, steps) as they were "
            "declared; they must not have been read off these rows. Another fit to the same people spends again."
        )

    def __add__(self, other):
        if not isinstance(other, Spent):
            return NotImplemented
        # How much of a budget was used hangs on the rows; only the budgets themselves were promised beforehand.
        delta, promised = max(self.delta, other.delta), sum(rho_of(one.epsilon, one.delta) for one in (self, other))
        return Spent(epsilon_of(promised, delta), delta, self.bought + other.bought, self.seeded or other.seeded)

    def __repr__(self):
        table = self.items.to_string(float_format="{:.4g}".format, na_rep="")
        return f"{table}\n{self.sentence()}\n{self.free}"

    def _repr_html_(self):
        table = self.items.to_html(float_format="{:.4g}".format, na_rep="", border=0)
        return (
            f"<div class='tex2jax_ignore mathjax_ignore'><p><b>{html.escape(self.sentence())}</b></p>"
            f"<p>{html.escape(self.free)}</p>{table}</div>"
        )

    def to_json(self):
        """Plain values for a file."""
        bought = [[what, rho, None if math.isnan(noise) else noise] for what, rho, noise in self.bought]
        return dict(epsilon=self.epsilon, delta=self.delta, bought=bought, seeded=self.seeded)

    @classmethod
    def from_json(cls, rest):
        """A Spent from plain values, which may come from anybody."""
        complain("privacy", check(rest["epsilon"], rest["delta"]))
        bought = tuple(
            (str(w), float(rho), math.nan if noise is None else float(noise)) for w, rho, noise in rest["bought"]
        )
        if not all(math.isfinite(rho) and rho > 0 for _, rho, _ in bought) or not isinstance(rest["seeded"], bool):
            raise ValueError("what it spent is not what it can be")
        spent = cls(float(rest["epsilon"]), float(rest["delta"]), bought, rest["seeded"])
        if not bought or spent.rho > rho_of(spent.epsilon, spent.delta) * (1 + 1e-6):
            raise ValueError("it spent nothing, or more than it promises")
        return spent
