"""Exercises of notebook 15: a gain with its interval, how many rows to add, and a test that nobody has seen."""

import math

import torch

from genlab.exercises.exercise import Exercise

TWICE_975 = 2.262157162740992  # Student's t with nine degrees of freedom, 97.5 %


def _numbers(answer, case):
    """The three numbers of a gain."""
    import numpy as np

    result = answer(*(np.array(scores) for scores in case))
    if result is None or result is ...:
        return None
    names = ("the mean", "the lower end", "the upper end")
    return {name: torch.as_tensor(float(value), dtype=torch.float64) for name, value in zip(names, result, strict=True)}


def _gain(after, before, *, reach=TWICE_975):
    more = after - before
    half = reach * more.std(ddof=1) / math.sqrt(len(more))
    return more.mean(), more.mean() - half, more.mean() + half


def _apart(after, before):
    more = after.mean() - before.mean()
    half = TWICE_975 * math.sqrt((after.var(ddof=1) + before.var(ddof=1)) / len(after))
    return more, more - half, more + half


def _spread(after, before):
    more = after - before
    half = TWICE_975 * more.std(ddof=1)
    return more.mean(), more.mean() - half, more.mean() + half


def _chosen(answer, case):
    """The number of rows that an answer takes."""
    import pandas as pd

    result = answer(pd.DataFrame(case))
    return None if result is None or result is ... else {"the choice": torch.as_tensor(float(result), dtype=torch.float64)}


def _least(scores, *, errors=1.0):
    mean, error = scores.mean(), scores.std() / math.sqrt(len(scores))
    best = mean.idxmax()
    return min(n for n in mean.index if mean[n] >= mean[best] - errors * error[best])


def _near(scores):
    mean = scores.mean()
    return min(n for n in mean.index if mean[n] >= mean.max() - scores[mean.idxmax()].std())


def _tables(answer, case):
    """What an answer learns from and tests with; `make` gives back what it was shown, one hundred higher."""
    rows, test = case
    result = answer(list(rows), list(test), lambda shown: [100 + row for row in shown])
    if result is None or result is ...:
        return None
    names = ("the rows to learn from", "the rows to test with")
    return {name: torch.tensor(sorted(float(x) for x in part)) for name, part in zip(names, result, strict=True)}


def _honest(rows, test, make):
    learn = [row for i, row in enumerate(rows) if i not in test]
    return learn + make(learn), [rows[i] for i in test]


def _saw_all(rows, test, make):
    learn = [row for i, row in enumerate(rows) if i not in test]
    return learn + make(rows), [rows[i] for i in test]


def _tests_with_made(rows, test, make):
    learn, kept = _honest(rows, test, make)
    return learn, kept + make(kept)


def _only_made(rows, test, make):
    return make([row for i, row in enumerate(rows) if i not in test]), [rows[i] for i in test]


def _nothing_made(rows, test, make):
    return [row for i, row in enumerate(rows) if i not in test], [rows[i] for i in test]


BEFORE = [0.60, 0.71, 0.64, 0.70, 0.58, 0.66, 0.73, 0.69, 0.62, 0.67]
AFTER = [0.62, 0.72, 0.67, 0.70, 0.61, 0.67, 0.76, 0.70, 0.65, 0.68]
WORSE = [0.58, 0.70, 0.65, 0.66, 0.57, 0.62, 0.72, 0.69, 0.60, 0.66]
FLAT = {0: [0.715, 0.755, 0.675, 0.735], 20: [0.73, 0.77, 0.70, 0.76], 100: [0.74, 0.78, 0.70, 0.76], 500: [0.72, 0.75, 0.69, 0.74]}
STEEP = {0: [0.50, 0.52, 0.51, 0.50], 20: [0.60, 0.62, 0.61, 0.61], 100: [0.70, 0.72, 0.71, 0.72], 500: [0.711, 0.729, 0.72, 0.728]}
NO_USE = {0: [0.80, 0.82, 0.81, 0.80], 20: [0.79, 0.82, 0.80, 0.80], 100: [0.75, 0.77, 0.76, 0.76]}

EXERCISES = {
    "more.gain": Exercise(
        answer=_gain,
        mistakes={
            "The other way round: a gain is what came after less what was before.": lambda a, b: _gain(b, a),
            "You compare two groups of runs; the runs of one seed share their rows, so take the differences first.": _apart,
            "That is how far single seeds spread; the mean of n of them spreads less, by the root of n.": _spread,
            "1.96 is for many seeds; with ten, Student's t is larger: scipy.stats.t.ppf(0.975, n - 1).": lambda a, b: _gain(
                a, b, reach=1.959963984540054
            ),
            "t.ppf(0.95, ...) leaves 5 % on either side, 10 % in all: take 0.975.": lambda a, b: _gain(
                a, b, reach=1.8331129326536335
            ),
        },
        probe=_numbers,
        cases=[("ten seeds", (AFTER, BEFORE)), ("ten worse ones", (WORSE, BEFORE))],
    ),
    "more.choose": Exercise(
        answer=_least,
        mistakes={
            "That is the best mean; one that is hardly better may be so by chance, and fewer rows do as well.": lambda s: (
                s.mean().idxmax()
            ),
            "You measure by how far single runs spread; the mean of n runs spreads less, by the root of n.": _near,
            "That is always the most rows: look at the scores.": lambda s: s.columns.max(),
            "That is always the fewest: look at the scores.": lambda s: s.columns.min(),
        },
        probe=_chosen,
        cases=[("nearly flat", FLAT), ("steep", STEEP), ("of no use", NO_USE)],
    ),
    "more.honest": Exercise(
        answer=_honest,
        mistakes={
            "Made before the split, rows tell of the rows to test with: show `make` only what is learned from.": _saw_all,
            "Made rows are tested with: only untouched real rows say what the real world will.": _tests_with_made,
            "The real rows are gone from what is learned from; the made ones come on top.": _only_made,
            "Nothing was made: call make on the rows that are learned from, and add what comes.": _nothing_made,
        },
        probe=_tables,
        cases=[("six rows", ([1, 2, 3, 4, 5, 6], [1, 4])), ("four rows", ([10, 20, 30, 40], [0]))],
    ),
}
