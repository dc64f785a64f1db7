"""Exercises of notebook 19: a question of your own."""

import torch

from genlab.exercises.exercise import Exercise, probe_value


def _interval(gain, spread):
    """Mean of the gains, less and plus a half-width."""
    mean = torch.as_tensor(gain).mean()
    return torch.stack([mean - spread, mean + spread])


def _paired(simple, model):
    gain = simple - model
    return _interval(gain, 1.96 * gain.std() / len(gain) ** 0.5)


def _chosen(tune, last):
    return last[min(range(len(tune)), key=lambda place: tune[place])]


EXERCISES = {
    "question.gain": Exercise(
        answer=_paired,
        mistakes={
            "The sign is flipped: a gain is what the simple model pays more than yours.": lambda simple, model: _paired(model, simple),
            "That is the spread of single rows; a mean of n rows varies by the square root of n less.": lambda simple, model: _interval(
                simple - model, 1.96 * (simple - model).std()
            ),
            "You divide by n: the spread of a mean falls with the square root of n only.": lambda simple, model: _interval(
                simple - model, 1.96 * (simple - model).std() / len(model)
            ),
            "You add up the spread of both models. They are asked about the same rows: take the differences first, row by row, and their spread.": lambda simple, model: _interval(
                simple - model, 1.96 * ((simple.var() + model.var()) / len(model)) ** 0.5
            ),
            "That is one standard error to either side, which holds the truth two times in three: take 1.96.": lambda simple, model: _interval(
                simple - model, (simple - model).std() / len(model) ** 0.5
            ),
        },
        probe=probe_value,
        cases=[
            ("three rows", (torch.tensor([5.0, 7.0, 9.0]), torch.tensor([4.0, 5.0, 9.5]))),
            ("rows that differ more than models", (torch.tensor([1.0, 20.0, 3.0, 40.0]), torch.tensor([0.5, 19.0, 2.0, 39.9]))),
            ("a model that is worse", (torch.tensor([2.0, 2.5, 2.0, 3.0]), torch.tensor([3.0, 2.75, 3.5, 3.0]))),
        ],
    ),
    "question.held_out_once": Exercise(
        answer=_chosen,
        mistakes={
            "That is the best of the last rows: you have looked at all of them to choose. Choose by the tuning rows alone.": lambda tune, last: min(last),
            "That is the bits of the tuning rows, on which the setting was chosen: they flatter it.": lambda tune, last: min(tune),
            "Bits are costs: the setting with the fewest is the best.": lambda tune, last: last[max(range(len(tune)), key=lambda place: tune[place])],
            "That is the place of the setting; return its bits on the last rows.": lambda tune, last: min(range(len(tune)), key=lambda place: tune[place]),
            "That is the mean of all settings; report the one that you chose.": lambda tune, last: sum(last) / len(last),
        },
        probe=probe_value,
        cases=[
            ("the best on the tuning rows is not the best on the last", ([3.0, 2.0, 2.5], [2.9, 2.4, 2.2])),
            ("the first", ([1.0, 2.0], [1.5, 1.25])),
            ("four settings", ([4.0, 3.5, 3.0, 3.25], [3.9, 3.75, 3.5, 3.125])),
        ],
    ),
}
