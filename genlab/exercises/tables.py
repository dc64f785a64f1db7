"""Exercises of notebook 12: scores on a scale, and straight-liners in a survey."""

import torch

from genlab.exercises.exercise import Exercise, probe_value


def _mask(answer, case):
    """Which rows of a small table an answer marks."""
    import pandas as pd

    marked = answer(pd.DataFrame(case, columns=["q1", "q2", "q3"]))
    return None if marked is None or marked is ... else {"the marked rows": torch.tensor(pd.Series(marked).to_list())}


EXERCISES = {
    "tables.on_scale": Exercise(
        answer=lambda value, floor, ceiling: (value - floor) / (ceiling - floor),
        mistakes={
            "You take the floor for zero: a table of shuffled columns already scores the floor.": lambda v, f, c: v / c,
            "You measure from the floor, but the whole way is from the floor to the ceiling.": lambda v, f, c: (v - f) / c,
            "You take 1 for the best score; real rows reach the ceiling and no more.": lambda v, f, c: (v - f) / (1 - f),
            "That is how far it still is to the ceiling, not how far it has come.": lambda v, f, c: (c - v) / (c - f),
            "That is the distance from the floor; divide it by the whole way.": lambda v, f, c: v - f,
        },
        probe=probe_value,
        cases=[("a likeness", (0.96, 0.92, 0.97)), ("an AUC, where low is good", (0.56, 0.94, 0.5)), ("at the floor", (0.3, 0.3, 0.8))],
    ),
    "tables.straight_liners": Exercise(
        answer=lambda rows: rows.nunique(axis=1) == 1,
        mistakes={
            "You mark the honest rows; mark those with one and the same answer to all items.": lambda rows: rows.nunique(axis=1) > 1,
            "You compare the first item with the last; what lies between may differ.": lambda rows: rows["q1"] == rows["q3"],
            "You compare the first two items only.": lambda rows: rows["q1"] == rows["q2"],
            "You mark rows in which any two answers agree; all must.": lambda rows: rows.nunique(axis=1) < 3,
            "You mark items, not rows: count along axis=1.": lambda rows: rows.nunique(axis=0) == 1,
            "That is how many different answers a row has; now compare it with 1.": lambda rows: rows.nunique(axis=1),
        },
        probe=_mask,
        cases=[
            ("three persons", [[4, 4, 4], [2, 5, 2], [7, 7, 1]]),
            ("four persons", [[1, 1, 1], [7, 7, 7], [1, 2, 3], [3, 1, 1]]),
        ],
    ),
}
