"""Exercise checks that name the likely wrong idea, and predictions drawn on the result.

A check runs the learner's function on several probes and compares what comes out, gradients included, with the
answer. Where it matches a known mistake on every probe, the check names the idea behind it. An exercise not yet
answered says so and stops nothing.
"""

import copy
import dataclasses
import math
import numbers

import torch

from genlab.exercises import EXERCISES

REPORTS = 3  # differences shown at most


def check(name, answer):
    """Check an exercise's answer and print what was found.

    Parameters
    ----------
    name : str
        The exercise, for example "gan.generator_loss".
    answer : callable, or a pair of callables
        Yours. None, ``...``, or a function that returns None counts as not attempted.
    """
    print(examine(name, answer)[1])


def examine(name, answer):
    """What :func:`check` prints, as (True, False or None for not attempted; text)."""
    if name not in EXERCISES:
        raise ValueError(f"no exercise {name!r}; there are {', '.join(map(repr, EXERCISES))}")
    exercise = EXERCISES[name]
    if answer is None or answer is ...:
        return None, f"{name}: not attempted."
    right = [_probe(exercise, exercise.answer, case) for _, case in exercise.cases]
    given, reports = [], []
    for (label, case), wanted in zip(exercise.cases, right, strict=True):
        try:
            found = _probe(exercise, answer, case)
        except NotImplementedError:
            return None, f"{name}: not attempted."
        except Exception as error:  # whatever the learner's code raises becomes a sentence, never a red cell
            given.append(None)
            reports.append(f"  {label}: stopped with {type(error).__name__}: {error}{_where(error)}")
            continue
        given.append(found)
        if found is None:
            reports.append(f"  {label}: your function returns None here: is a return missing on this way through it?")
            continue
        reports += [
            f"  {label}: {what} {_beside(wanted[what], found.get(what))}"
            for what in wanted
            if not _same(wanted[what], found.get(what))
        ]
    if len(given) == len(right) and all(found is None for found in given) and "returns None here" in "".join(reports):
        return None, f"{name}: not attempted: your function returns None."
    if not reports:
        return True, f"{name}: right, on all {len(exercise.cases)} probes."
    idea, more = _idea(exercise, given), len(reports) - REPORTS
    lines = [f"{name}: not yet." + (f" {idea}" if idea else ""), *reports[:REPORTS]]
    return False, "\n".join(lines + [f"  (and {more} more like these)"] * (more > 0))


def _probe(exercise, answer, case):
    """What an answer gives in a case; it gets a copy, so that one which works in place spoils nothing."""
    return exercise.probe(answer, copy.deepcopy(case))


def _idea(exercise, given):
    """The known mistake that gives the same as the learner's answer on every probe, if there is one."""
    for sentence, mistake in exercise.mistakes.items():
        alike = [_probe(exercise, mistake, case) for _, case in exercise.cases]
        if all(g is not None and all(_same(a[w], g.get(w)) for w in a) for a, g in zip(alike, given, strict=True)):
            return sentence
    return None


def _same(wanted, found):
    if found is None or wanted is None:
        return wanted is found
    wanted, found = torch.as_tensor(wanted, dtype=torch.float64), torch.as_tensor(found, dtype=torch.float64)
    return wanted.shape == found.shape and torch.allclose(wanted, found, rtol=1e-4, atol=1e-6, equal_nan=True)


def _beside(wanted, found):
    """What should be, and what is: shapes where these differ, else numbers."""
    shapes = [None if value is None else tuple(torch.as_tensor(value).shape) for value in (wanted, found)]
    if None not in shapes and shapes[0] != shapes[1]:
        more = ": an axis of length 1 too many, as keepdim=True leaves" if _kept(*shapes) else ""
        return f"should be of shape {shapes[0]}, yours is of shape {shapes[1]}{more}"
    return f"should be {_show(wanted)}, yours is {_show(found)}"


def _kept(wanted, found):
    """Whether a shape has one axis of length 1 more than it should."""
    return any(found[i] == 1 and found[:i] + found[i + 1 :] == wanted for i in range(len(found)))


def _show(value):
    if value is None:
        return "none"
    value = torch.as_tensor(value, dtype=torch.float64)
    if value.numel() == 1:
        return f"{value.item():.4g}"
    return f"of shape {tuple(value.shape)}, starting {', '.join(f'{v:.3g}' for v in value.flatten()[:3].tolist())}"


def _where(error):
    """In which line of the learner's function an error arose."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == "__main__":
            line = trace.tb_lineno
        trace = trace.tb_next
    return f" (line {line} of your cell)" if line else ""


# -- predictions ------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Prediction:
    """A reader's guess: `value` is None until one is given."""

    question: str
    value: float | None = None

    def draw(self, ax, axis="y"):
        """Draw the guess on matplotlib axes as a dashed line; nothing where there is none."""
        if self.value is not None:
            line = ax.axhline if axis == "y" else ax.axvline
            line(self.value, color="0.35", linestyle="--", label=f"your guess: {self.value:g}")
            ax.legend()
        return ax

    def compare(self, value):
        """Print the guess beside what came out."""
        if self.value is None:
            print(f"{self.question}\n  It was {value:.3g}. (No guess was given: put a number in place of None.)")
        else:
            print(
                f"{self.question}\n  You guessed {self.value:g}, it was {value:.3g}: {abs(self.value - value):.3g} apart."
            )


def predict(question, guess=None, *, low=-math.inf, high=math.inf):
    """Record a guess before the answer is seen. No guess blocks nothing.

    Parameters
    ----------
    question : str
    guess : float, optional
        Between `low` and `high`.

    Returns
    -------
    Prediction
    """
    if guess is not None and guess is not ...:
        if isinstance(guess, bool) or not isinstance(guess, numbers.Real) or not low <= guess <= high:
            raise ValueError(f"guess={guess!r}: must be a number from {low:g} to {high:g}, or None")
        print(f"{question}\n  Your guess: {guess:g}.")
        return Prediction(question, float(guess))
    print(
        f"{question}\n  No guess yet: put a number from {low:g} to {high:g} in place of None, and run the cell again."
    )
    return Prediction(question)
