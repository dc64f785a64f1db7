"""Exercises of notebook 14: a gap between groups, and weights that close it."""

import torch

from genlab.exercises.exercise import Exercise


def _of_rows(name):
    """A probe of an answer that takes two columns of a small table."""

    def probe(answer, case):
        import pandas as pd

        group, yes = (pd.Series(column) for column in case)
        result = answer(group, yes)
        if result is None or result is ...:
            return None
        values = result.to_list() if isinstance(result, pd.Series) else result
        return {name: torch.as_tensor(values, dtype=torch.float64)}

    return probe


def _rates(group, yes):
    return yes.groupby(group).mean()


def _weights(group, yes):
    together = group.astype(str) + yes.astype(str)
    share = lambda column: column.map(column.value_counts(normalize=True))
    return share(group) * share(yes) / share(together)


def _inverse(group, yes):
    return 1 / _weights(group, yes)


def _by_pair(group, yes):
    together = group.astype(str) + yes.astype(str)
    return 1 / together.map(together.value_counts(normalize=True))


def _by_group(group, yes):
    return 1 / group.map(group.value_counts(normalize=True))


CASES = [
    ("six persons", (["a", "a", "a", "b", "b", "b"], [True, True, False, True, False, False])),
    ("three groups", (["a", "a", "b", "b", "c", "c", "c", "c"], [True, False, True, True, False, False, True, False])),
]

EXERCISES = {
    "fair.gap": Exercise(
        answer=lambda group, yes: _rates(group, yes).max() - _rates(group, yes).min(),
        mistakes={
            "You count persons, not shares: a large group has more of everything.": lambda group, yes: (
                yes.groupby(group).sum().max() - yes.groupby(group).sum().min()
            ),
            "That is lowest minus highest: a gap is not negative.": lambda group, yes: (
                _rates(group, yes).min() - _rates(group, yes).max()
            ),
            "You compare the best group with everybody; compare it with the worst.": lambda group, yes: (
                _rates(group, yes).max() - yes.mean()
            ),
            "That is a ratio; the gap is a difference.": lambda group, yes: (
                _rates(group, yes).min() / _rates(group, yes).max()
            ),
            "You take the first group and the last, whatever lies between.": lambda group, yes: (
                _rates(group, yes).iloc[0] - _rates(group, yes).iloc[-1]
            ),
        },
        probe=_of_rows("the gap"),
        cases=CASES,
    ),
    "fair.weights": Exercise(
        answer=_weights,
        mistakes={
            "Upside down: a pair that is rarer than it should be needs the larger weight.": _inverse,
            "That makes all four pairs equally common, and changes how common each answer is.": _by_pair,
            "That makes the groups equally large, and leaves the gap.": _by_group,
        },
        probe=_of_rows("the weights"),
        cases=CASES,
    ),
}
