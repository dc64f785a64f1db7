"""Exercises of notebook 18: whether a fan holds, and the three shares of made molecules."""

import numpy as np
import torch

from genlab.exercises.exercise import Exercise


def _share(answer, case):
    draws, truth, level = case
    result = answer(np.array(draws), np.array(truth), level)
    return None if result is None or result is ... else {"the share": torch.as_tensor(np.asarray(result, dtype=float))}


def _between(draws, truth, low, high, axis=0):
    ends = np.quantile(draws, [low, high], axis=axis)
    return float(np.mean((truth >= ends[0]) & (truth <= ends[1])))


def _covered(draws, truth, level):
    return _between(draws, truth, (1 - level) / 2, (1 + level) / 2)


def _each(draws, truth, level):
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return (truth >= low) & (truth <= high)


def _normal(draws, truth, level):
    from scipy.stats import norm

    reach = norm.ppf((1 + level) / 2) * draws.std(0)
    return float(np.mean(np.abs(truth - draws.mean(0)) <= reach))


def _shares(answer, case):
    spelled, known = case
    result = answer(list(spelled), set(known))
    if result is None or result is ...:
        return None
    names = ("the share valid", "the share unique", "the share new")
    if not isinstance(result, tuple | list) or len(result) != len(names):
        raise TypeError("return three numbers, with commas between them: valid, unique, new")
    return {name: torch.as_tensor(float(value), dtype=torch.float64) for name, value in zip(names, result, strict=True)}


def _rates(spelled, known, *, unique_of=None, new_of=None, unlike=set):
    """The three shares; `unique_of` and `new_of` say of what, `unlike` what counts as different."""
    valid = [one for one in spelled if one is not None]
    different = set(valid)
    new = [one for one in unlike(valid) if one not in known]
    sizes = {"all": len(spelled), "valid": len(valid), "different": len(different)}
    return len(valid) / len(spelled), len(different) / sizes[unique_of or "valid"], len(new) / sizes[new_of or "different"]


_SKEWED = np.random.default_rng(0).exponential(size=(200, 12))
_TRUTH = np.random.default_rng(1).exponential(size=12)
_WIDE = np.random.default_rng(2).normal(size=(100, 20)) * np.linspace(0.2, 3, 20)
_FAR = np.random.default_rng(3).normal(size=20) * 1.5

EXERCISES = {
    "sequences.covered": Exercise(
        answer=_covered,
        mistakes={
            "The interval has a share 1 - level on either side; together that is twice too much: halve it.": lambda d, t, q: (
                _between(d, t, 1 - q, q)
            ),
            "That interval begins at the lowest draw: a central one leaves out as much below as above.": lambda d, t, q: (
                _between(d, t, 0, q)
            ),
            "That is from the least to the greatest draw, whatever the level.": lambda d, t, q: _between(d, t, 0, 1),
            "That is one yes or no for each year: take their mean.": _each,
            "A share goes from 0 to 1, not to 100.": lambda d, t, q: 100 * _covered(d, t, q),
            "That takes the draws for normal; use their own quantiles, which hold for any shape.": _normal,
            "The quantiles are over all years together; each year has its own: axis=0.": lambda d, t, q: (
                _between(d, t, (1 - q) / 2, (1 + q) / 2, axis=None)
            ),
        },
        probe=_share,
        cases=[("skewed draws", (_SKEWED, _TRUTH, 0.6)), ("unequal years", (_WIDE, _FAR, 0.8)), ("level 0.9", (_WIDE, _FAR, 0.9))],
    ),
    "sequences.rates": Exercise(
        answer=_rates,
        mistakes={
            "All three are shares of all lines; unique is a share of the valid, new of the different ones.": lambda s, k: (
                _rates(s, k, unique_of="all", new_of="all")
            ),
            "New is counted line by line: a molecule that comes twice would be found twice.": lambda s, k: _rates(
                s, k, new_of="valid", unlike=list
            ),
            "New is a share of the different ones, not of the valid lines.": lambda s, k: _rates(s, k, new_of="valid"),
            "Unique is a share of all lines here, and None counts as one: take the valid lines alone.": lambda s, k: (
                sum(one is not None for one in s) / len(s),
                len(set(s)) / len(s),
                len(set(s) - k) / len(set(s)),
            ),
            "None counts as a molecule: take it out before you count the different ones.": lambda s, k: (
                sum(one is not None for one in s) / len(s),
                len(set(s)) / sum(one is not None for one in s),
                len(set(s) - k) / len(set(s)),
            ),
            "You count the known ones among the different; new are the others.": lambda s, k: (
                *_rates(s, k)[:2],
                1 - _rates(s, k)[2],
            ),
        },
        probe=_shares,
        cases=[
            ("six lines", (["CCO", "CCO", None, "CCN", "C", "CCN"], {"C"})),
            ("ten lines", (["C", None, None, "CC", "CC", "CC", "CO", "CN", None, "CF"], {"CC", "CO"})),
        ],
    ),
}
