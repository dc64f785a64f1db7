"""What chance alone does to the count of an attack: intervals, and a test that knows which rows were learned from.

If a fake table holds nothing of the single rows it was learned from, then a training row and a held-out row could trade
places and nobody would notice. So they are paired and made to trade places at random, many times, and each attack is
counted anew: the share of trades that do as well as the truth is the chance of a false alarm, exact at any size, with
duplicates, ties and tries that hang together. The attacks of one report share their trades, which gives one false-alarm
level for all of them (Westfall and Young, 1993).

Intervals of a rate are Wilson's (1927); of a risk, from those of its two rates (Donner and Zou, 2012). An interval says
how far chance reaches, not how well another attack might do.
"""

import numpy as np
import scipy.stats

TRADES = 999  # a chance is then known to .001
BLOCK = 2_000_000  # cells of a block of trades: 8 MB
Z = scipy.stats.norm.ppf(0.975)


def generator(random_state):
    """A NumPy Generator of its own from None, a whole number, a Generator or a RandomState."""
    if isinstance(random_state, np.random.RandomState):
        random_state = int(random_state.randint(2**31))
    return np.random.default_rng(random_state)


def wilson(rate, tries):
    """95 % interval of a rate seen in `tries` tries (Wilson, 1927); tries may be infinite: the rate is known.

    Returns
    -------
    tuple of float
        Low and high; 0 and 1 after no tries.
    """
    if not tries > 0:
        return 0.0, 1.0
    extra = Z**2 / tries
    middle = rate + extra / 2
    half = np.sqrt(rate * (1 - rate) * extra + extra**2 / 4)
    low, high = (middle - half) / (1 + extra), (middle + half) / (1 + extra)
    return (0.0 if rate == 0 else float(low)), (1.0 if rate == 1 else float(high))  # exact where rounding is not


def risk(rate, tries, control, control_tries):
    """What an attack wins beyond its control, as a share of what was left to win: (rate - control) / (1 - control).

    1 - risk is the ratio of two failure rates; its interval comes from the Wilson intervals of the two, by the method
    of variance estimates recovery (Donner and Zou, 2012).

    Returns
    -------
    tuple of float
        Risk, low and high, all cut off at 0 and 1. Where the control never fails, nothing is left to win: 0, 0 and 1.
    """
    if not (tries > 0 and control_tries > 0) or control == 1:
        return 0.0, 0.0, 1.0
    a, c = 1 - rate, 1 - control
    (a_low, a_high), (c_low, c_high) = (
        [1 - x for x in wilson(*of)][::-1] for of in ((rate, tries), (control, control_tries))
    )
    lower, upper = a_low * (2 * a - a_low), c_low * (2 * c - c_low)
    least = lower / max(a * c + np.sqrt((a * c) ** 2 - min(lower * c_high * (2 * c - c_high), (a * c) ** 2)), 1e-300)
    root = np.sqrt((a * c) ** 2 - min(a_high * (2 * a - a_high) * upper, (a * c) ** 2))
    most = (a * c + root) / upper if upper > 0 else np.inf
    return tuple(float(np.clip(1 - ratio, 0, 1)) for ratio in (a / c, most, least))


def trades(pairs, rng, count=TRADES):
    """Yield blocks of arrays of 0 and 1, shape (2 pairs, some), `count` columns in all: 1 is a training row in a trade.

    Row i and row pairs + i are a pair; one of the two is a training row, always.
    """
    step = max(1, BLOCK // (2 * pairs))
    for start in range(0, count, step):
        first = rng.integers(2, size=(pairs, min(step, count - start)), dtype=np.int8)
        yield np.concatenate([first, 1 - first]).astype(np.int32)


def chances(found, traded):
    """Chance of so great a value in any of several attacks, by chance alone.

    Parameters
    ----------
    found : array, shape (attacks,)
        Rate minus control of each attack.
    traded : array, shape (trades, attacks)
        The same after each trade.

    Returns
    -------
    array, shape (attacks,)
        Adjusted for the number of attacks by the step-down procedure of Westfall and Young (1993): calling a leak
        where this is at most .05 gives a false alarm in at most 5 % of reports.
    """
    everything = np.vstack([found, traded])
    own = scipy.stats.rankdata(-everything, method="max", axis=0) / len(everything)
    order = np.argsort(own[0], kind="stable")
    adjusted, before = np.ones(len(order)), 0.0
    for place, attack in enumerate(order):
        best = own[:, order[place:]].min(axis=1)
        before = max(before, np.mean(best <= own[0, attack]))
        adjusted[attack] = before
    return adjusted
