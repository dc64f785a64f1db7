"""Exercises of notebook 13: how well persons hide in a table, and what an attack wins beyond its control."""

import torch

from genlab.exercises.exercise import Exercise


def _number(name):
    """A probe of an answer that gives one number."""

    def probe(answer, case):
        result = answer(*case)
        return None if result is None or result is ... else {name: torch.as_tensor(float(result), dtype=torch.float64)}

    return probe


def _of_table(answer, case):
    import pandas as pd

    rows, keys = case
    return _number("k")(answer, (pd.DataFrame(rows), keys))


def _sizes(df, keys):
    return df.groupby(keys, dropna=False).size()


PERSONS = {
    "age": [16, 16, 16, 17, 17, 17, 17],
    "town": ["a", "a", "b", "b", "b", "b", "b"],
    "ill": [0, 1, 0, 0, 1, 1, 0],
}
GAPS = {"age": [15.0, 15.0, None, None, 15.0, 15.0], "town": ["a", "a", "a", "a", "a", "a"], "ill": [0, 0, 0, 1, 1, 1]}

EXERCISES = {
    "leak.k": Exercise(
        answer=lambda df, keys: _sizes(df, keys).min(),
        mistakes={
            "That is the size of the average group; the person who is worst off decides.": lambda df, keys: (
                _sizes(df, keys).mean()
            ),
            "That counts the groups, not the persons in the smallest one.": lambda df, keys: len(_sizes(df, keys)),
            "Each key by itself hides well; ask for their combination.": lambda df, keys: min(
                _sizes(df, [key]).min() for key in keys
            ),
            "All columns were grouped, the secret too; group by the keys alone.": lambda df, keys: (
                _sizes(df, list(df)).min()
            ),
            "Rows with a gap were left out; nobody is hidden by not having answered: dropna=False.": lambda df, keys: (
                df.groupby(keys).size().min()
            ),
        },
        probe=_of_table,
        cases=[
            ("seven persons", (PERSONS, ["age", "town"])),
            ("one key", (PERSONS, ["town"])),
            ("gaps", (GAPS, ["age", "town"])),
        ],
    ),
    "leak.risk": Exercise(
        answer=lambda rate, control: (rate - control) / (1 - control),
        mistakes={
            "That is what was won, but not as a share of what was left to win.": lambda rate, control: rate - control,
            "That is how many times as often; at a high control it can never be large.": lambda rate, control: (
                rate / control
            ),
            "Divide by what the control leaves over, not by what it has.": lambda rate, control: (
                (rate - control) / control
            ),
            "That is the share which is not won: one minus the risk.": lambda rate, control: (1 - rate) / (1 - control),
        },
        probe=_number("the risk"),
        cases=[("half", (0.75, 0.5)), ("a low control", (0.2, 0.1)), ("all", (1.0, 0.4)), ("nothing", (0.3, 0.3))],
    ),
}
