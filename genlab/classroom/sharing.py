"""One line of text about a run: compact JSON in ASCII, short enough for any chat."""

import dataclasses
import json
import math
import numbers

from genlab import metrics
from genlab.rows import is_plain, is_whole

FORMAT, VERSION = "genlab.run", 1  # the first name in a line, by which it is found among chatter
LONGEST = 400  # characters of a line
NAME = 60  # characters of a name, as JSON writes it
STOPPED = {"not finite": "not finite", "interrupted": "interrupted", "": "ended"}  # by how the reason begins
SAMPLES = 1000  # drawn at least for scores that nobody has taken


class Line(str):
    """Text that a notebook shows as it is, without the quotes, so that it can be copied whole."""

    __repr__ = str.__str__


def share_line(run, *, model=None, data=None, scores=None):
    """One line about a run, to paste into the room's chat.

    It holds: the model's class, the data's name and number of modes, seed, step, knobs that are not at their defaults,
    scores to 4 digits, and whether the run broke off. What has no room in 400 characters is left out, and counted.

    Parameters
    ----------
    run : Lab, model or Run
        A lab tells all by itself.
    model : GAN or other family, optional
        Which one learned, where `run` is a ``gl.Run``.
    data : Dataset, optional
        What it learned from, where `run` is no lab. Without `scores`, those of ``gl.metrics.quality`` are taken.
    scores : dict of name -> number, optional
        In place of the lab's newest.

    Returns
    -------
    str
        ASCII, compact JSON.

    Examples
    --------
    >>> import genlab as gl
    >>> data = gl.datasets.ring()
    >>> gl.share_line(gl.GAN(data, seed=1), scores={"modes": 3})  # or gl.share_line(lab), which tells more
    {"genlab.run":1,"model":"GAN","data":"unknown","seed":1,"step":0,"knobs":{},"scores":{"modes":3},"true_modes":null,"stopped":null}
    """
    stopped = getattr(run, "stopped", None)
    if hasattr(run, "model") and hasattr(run, "scores"):  # a lab
        model, data = run.model, run.data
        scores = run.scores if scores is None else scores
    elif hasattr(run, "hp"):
        model = run
    _check(run, model, data, scores)
    if scores is None:
        scores, finite = _scores(model, data)
        stopped = stopped if finite else "not finite"
    seed, modes = getattr(model, "seed", None), getattr(data, "modes", None)
    scores = {name: _rounded(value) for name, value in scores.items()}
    told = {
        FORMAT: VERSION,
        "model": _short(type(model).__name__),
        "data": _short(getattr(data, "name", None) or getattr(model, "data_name", None) or "unknown"),
        "seed": int(seed) if is_whole(seed, 0, 2**63 - 1) else None,
        "step": int(model.step),
        "knobs": _knobs(model),
        "scores": {_short(name): value for name, value in scores.items() if math.isfinite(value)},
        "true_modes": None if modes is None else len(modes),
        "stopped": next(word for start, word in STOPPED.items() if stopped.startswith(start)) if stopped else None,
    }
    changes = len(getattr(model, "log", ()))
    return Line(_fitted(told | ({"changes": changes} if changes else {})))


def _check(run, model, data, scores):
    problems = []
    if not hasattr(model, "hp") or isinstance(model, type):
        mend = "say model=, the one that learned" if hasattr(run, "records") else "give a lab, a model, or a Run"
        problems.append(f"run is a {type(run).__name__} without a model: {mend}")
    elif getattr(model, "members", None) is not None:
        problems.append(f"this is a stack of {model.members} models: a line tells of one run with one seed")
    if data is not None and not hasattr(data, "name"):
        problems.append(f"data is a {type(data).__name__}: must be a Dataset")
    good = isinstance(scores, dict) and all(isinstance(value, numbers.Real) for value in scores.values())
    if scores is not None and not good:
        problems.append(f"scores is a {type(scores).__name__}: must be a dict of numbers by name")
    if problems:
        raise ValueError("share_line: " + "; ".join(problems))


def _scores(model, data):
    """Scores of samples, {} without data to compare with; and whether the samples are finite."""
    if data is None:
        return {}, True
    modes = getattr(data, "modes", None)
    x = model.sample(max(SAMPLES, 10 * len(() if modes is None else modes)), seed=0)
    finite = bool(x.isfinite().all())
    return (metrics.quality(x, data) if finite else {}), finite


def _knobs(model):
    """What is not at its default, by name."""
    knobs = {}
    for field in dataclasses.fields(model.hp):
        value = getattr(model.hp, field.name)
        if value != field.default and is_plain(value):
            knobs[field.name] = {float: _rounded, str: _short}.get(type(value), type(value))(value)
    return knobs


def _rounded(value):
    """A number to 4 digits, without a point where it is whole."""
    value = float(f"{float(value):.4g}")
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _short(name):
    """A name with at most NAME characters as JSON writes it."""
    name = "".join(letter if letter.isprintable() else " " for letter in str(name)[:NAME])
    while len(json.dumps(name)) > NAME:
        name = name[:-1]
    return name or "?"


def _fitted(told):
    """`told` as JSON of at most LONGEST characters: the last ones go of knobs or scores, whichever are more."""
    write = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
    left_out = 0
    while len(write(told)) > LONGEST and (told["knobs"] or told["scores"]):
        max(told["scores"], told["knobs"], key=len).popitem()
        left_out += 1
        told["left_out"] = left_out
    return write(told)
