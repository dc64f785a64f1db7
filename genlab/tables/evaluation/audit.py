"""An audit of formal privacy: how large an epsilon must be at least, by what an attacker with every advantage finds out.

Two tables differ in one row, the canary. The model is fitted to each of them many times, and the attacker, who knows all
other rows and is shown every noisy count before anything is made of it, is to tell which table it was. How often that
goes right bounds epsilon from below with confidence (Jagielski, Ullman and Oprea, 2020): a bound above the claim convicts
the code of a mistake, a bound below it proves nothing. So that the audit itself is seen to work, it can be given noise that
was made too small on purpose (`noise`), and must then convict.
"""

import dataclasses
import math

import numpy as np
import pandas as pd
import scipy.stats

from genlab.tables.evaluation.chance import generator
from genlab.tables.synthesis.marginals import Marginals
from genlab.tables.synthesis.privacy import Ledger, check
from genlab.tables.types import Column, complain

ROWS, COLUMNS = 400, 3
WIDE = 3  # codes of a column: an empty cell, and the answers 1 and 2
FIRST, CANARY = 1, 2


@dataclasses.dataclass(frozen=True)
class Audit:
    """What :func:`audit` found.

    Attributes
    ----------
    epsilon, delta : float
        Claimed.
    bound : float
        Below the true epsilon with 95 % confidence, if the claimed delta is right.
    fits : int
        That the bound was counted on.
    hits, alarms : float
        How often the attacker said "the canary was there" when it was, and when it was not.
    """

    epsilon: float
    delta: float
    bound: float
    fits: int
    hits: float
    alarms: float

    @property
    def convicts(self):
        """Whether the claim is refuted."""
        return self.bound > self.epsilon

    def sentence(self):
        """What was found, in words."""
        verdict = "more than was claimed: the noise is broken" if self.convicts else "which does not refute the claim"
        return (
            f"In {self.fits:,} fits an attacker who knows all other rows found the canary in {100 * self.hits:.1f} % of "
            f"those with it, and in {100 * self.alarms:.1f} % of those without: epsilon is at least "
            f"{self.bound:.2f} (95 %, one-sided), claimed {self.epsilon:g}; {verdict}."
        )


class Watched(Ledger):
    """A Ledger whose noisy counts are seen by the attacker, with noise of `factor` times the right size.

    Parameters
    ----------
    code : int
        Of the canary's answers. It is used to take the canary out of the counts, which leaves what the attacker knows.
    """

    def __init__(self, *budget, factor, code, **rest):
        super().__init__(*budget, **rest)
        self.factor, self.code, self.evidence = factor, code, 0.0

    def noise(self, sigma, size):
        return super().noise(self.factor * sigma, size)

    def counts(self, what, counts, rho):
        noisy, sigma = super().counts(what, counts, rho)
        known, step = np.array(counts), 1 if len(counts) == WIDE else WIDE + 1  # of two columns: both answers alike
        known[self.code * step] -= 1
        found = noisy - known  # noise, and the canary
        self.evidence += (found[CANARY * step] - found[FIRST * step]) / sigma**2  # the log likelihood ratio
        return noisy, sigma


def audit(epsilon, delta=1e-5, *, fits=1000, noise=1.0, random_state=0):
    """Audit ``Synthesizer("marginals")`` at a claimed epsilon.

    Parameters
    ----------
    epsilon, delta : float
        Claimed.
    fits : int
        To each of the two tables; half of them choose the attacker's threshold, the others are counted. So many can show
        no epsilon beyond about log(fits / 8).
    noise : float
        1 audits the model; 0.1 is a control with a tenth of the noise, which must be convicted.
    random_state : None, int, Generator or RandomState

    Returns
    -------
    Audit
    """
    whole = isinstance(fits, int) and not isinstance(fits, bool) and 100 <= fits <= 10**6
    right = isinstance(noise, int | float) and not isinstance(noise, bool) and 0 < noise < math.inf
    problems = check(epsilon, delta) + ([] if right else [f"noise={noise!r}: must be a number above 0"])
    complain("audit", problems + ([] if whole else [f"fits={fits!r}: must be a whole number from 100 to 1,000,000"]))
    rng = generator(random_state)
    types = [Column(f"q{i}", "number", range=(FIRST, CANARY)) for i in range(COLUMNS)]
    others = rng.integers(FIRST, WIDE, size=(ROWS - 1, COLUMNS))
    seen = []
    for code in (CANARY, FIRST):  # the canary answers 2 to every question, or in its place somebody 1
        df = pd.DataFrame(
            np.vstack([others, np.full((1, COLUMNS), code)]), columns=[c.name for c in types], dtype=float
        )
        seen.append(np.array([_evidence(df, types, epsilon, delta, noise, code, rng) for _ in range(fits)]))
    half = fits // 2
    (chosen_with, with_it), (chosen_without, without) = ((side[:half], side[half:]) for side in seen)
    options = np.quantile(np.concatenate([chosen_with, chosen_without]), np.linspace(0.02, 0.98, 97))
    threshold = max(options, key=lambda t: max(_bounds(chosen_with > t, chosen_without > t, delta)))
    hits, alarms = with_it > threshold, without > threshold
    return Audit(epsilon, delta, max(0.0, *_bounds(hits, alarms, delta)), 2 * len(hits), hits.mean(), alarms.mean())


def _evidence(df, types, epsilon, delta, noise, code, rng):
    ledger = Watched(epsilon, delta, rng, seeded=True, factor=noise, code=code)
    Marginals.fit(df, types, ledger, min_leaf=1, trees=1, salt=0)
    return ledger.evidence


def _bounds(hits, alarms, delta):
    """Two lower bounds of epsilon, from right alarms over false ones and from right silence over false, at 95 % together.

    Four Clopper-Pearson bounds of 98.75 % each.
    """
    return [_bound(hits, alarms, delta), _bound(~alarms, ~hits, delta)]


def _bound(right, wrong, delta):
    low, high = clopper(right, lower=True), clopper(wrong, lower=False)
    return math.log((low - delta) / high) if low > delta else -math.inf


def clopper(told, *, lower, level=0.9875):
    """A one-sided bound of a rate (Clopper and Pearson, 1934)."""
    k, n = int(told.sum()), len(told)
    if lower:
        return float(scipy.stats.beta.ppf(1 - level, k, n - k + 1)) if k else 0.0
    return float(scipy.stats.beta.ppf(level, k + 1, n - k)) if k < n else 1.0
