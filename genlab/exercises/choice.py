"""Exercises of notebook 06: which model when."""

import math

import torch

from genlab.exercises.exercise import Exercise, probe_value


def _simplest(scores, slack):
    """Place of the first score that is at most `slack` above the lowest."""
    return next(i for i, score in enumerate(scores) if score <= min(scores) + slack)


def _by_jumps(scores, slack):
    """The first model that is not beaten by more than `slack` by the one right behind it."""
    for i, (score, following) in enumerate(zip(scores, scores[1:], strict=False)):
        if score <= following + slack:
            return i
    return len(scores) - 1


EXERCISES = {
    "choice.bits": Exercise(
        answer=lambda nats, pixels: -nats / (pixels * math.log(2)),
        mistakes={
            "That is what the whole row costs: divide by its pixels.": lambda nats, pixels: -nats / math.log(2),
            "Those are still nats: one bit is log(2) nats, so divide by it.": lambda nats, pixels: -nats / pixels,
            "The sign is flipped: a log-probability is below 0, what a row costs is above.": lambda nats, pixels: (
                nats / (pixels * math.log(2))
            ),
            "You multiply by log(2); a bit is smaller than a nat, so there are more bits: divide.": lambda nats, pixels: (
                -nats * math.log(2) / pixels
            ),
            "You divide by log(10): that makes decimal digits of it, a bit has a logarithm to base 2.": lambda nats, pixels: (
                -nats / (pixels * math.log(10))
            ),
        },
        probe=probe_value,
        cases=[
            ("one fair coin", (torch.tensor(math.log(0.5)), 1)),
            ("a row of 64 pixels", (torch.tensor(-81.0), 64)),
            ("three rows of 10 pixels", (torch.tensor([-20.0, -14.0, -3.5]), 10)),
        ],
    ),
    "choice.simplest": Exercise(
        answer=_simplest,
        mistakes={
            "That is the best model, whatever it costs: take the first that comes near enough to it.": lambda scores, slack: (
                min(range(len(scores)), key=lambda i: scores[i])
            ),
            "You compare with slack alone; near enough means at most slack above the best score.": lambda scores, slack: (
                next((i for i, score in enumerate(scores) if score <= slack), len(scores) - 1)
            ),
            "You take the last that is near enough, the most costly; take the first.": lambda scores, slack: max(
                i for i, score in enumerate(scores) if score <= min(scores) + slack
            ),
            "You compare each with the one behind it; a small step may be followed by a large one: compare with the best of all.": _by_jumps,
            "You count from 1; places in a list begin at 0, as enumerate counts them.": lambda scores, slack: (
                1 + _simplest(scores, slack)
            ),
            "You take a share of the best score, which turns round where scores are below zero: add the slack.": lambda scores, slack: (
                next((i for i, score in enumerate(scores) if score <= min(scores) * (1 + slack)), len(scores) - 1)
            ),
            "That is the score; return the place of the model in the list.": lambda scores, slack: scores[
                _simplest(scores, slack)
            ],
        },
        probe=probe_value,
        cases=[
            ("scores below zero", ([-1.0, -2.85, -3.0], 0.2)),
            ("two equal ones", ([3.0, 1.0, 1.0], 0.0)),
            ("the simplest is near enough", ([2.0, 1.85, 1.9], 0.2)),
            ("the second is", ([5.0, 1.8, 1.7, 2.5], 0.3)),
            ("a small step, then a large one", ([4.0, 3.95, 1.0, 0.9], 0.2)),
        ],
    ),
}
