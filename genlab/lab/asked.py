"""What a reader may ask of a lab, checked: each message names the value, the rule and the mend."""

import dataclasses
import math
import numbers

from genlab.rows import is_whole
from genlab.training import short

NEEDS = ("steps", "state", "load_state", "set", "sample")


def check_model(model):
    missing = [name for name in NEEDS if not callable(getattr(model, name, None))]
    if missing or isinstance(model, type):
        mend = "make the model first: " + getattr(model, "__name__", "") + "(data)" if isinstance(model, type) else (
            "a loop of your own runs without a lab: gl.run(my_loop, steps=...)"
        )  # fmt: skip
        lacks = f" has no {', '.join(missing)}" if missing else " is a class"
        raise TypeError(f"a lab needs a model with {', '.join(NEEDS)}; {short(model)}{lacks}. {mend}")
    if getattr(model, "members", None) is not None:
        raise ValueError(
            f"this is a stack of {model.members} models, and a lab shows one: make it with a single seed, seed=1"
        )
    return model


def check_pace(pace):
    if pace is None:
        return None
    if isinstance(pace, bool) or not isinstance(pace, numbers.Real) or not (math.isfinite(pace) and 0 < pace <= 1e6):
        raise ValueError(f"pace={pace!r}: must be a number of steps a second above 0, or None for full speed")
    return float(pace)


def check_fps(fps):
    if isinstance(fps, bool) or not isinstance(fps, numbers.Real) or not 1 <= fps <= 30:
        raise ValueError(f"fps={fps!r}: must be from 1 to 30 pictures a second")
    return fps


def check_steps(steps):
    if not is_whole(steps, 1):
        raise ValueError(f"steps={steps!r}: must be a whole number of at least 1")
    return steps


def check_metrics(metrics):
    if metrics is not None and not callable(metrics):
        raise TypeError(
            f"metrics={short(metrics)}: must be a function of (x, data) that gives a dict of numbers, or None"
        )
    return metrics


def check_names(params, names):
    """The names of the knobs to show, or one error that lists what is wrong with them."""
    live = {f.name: f.metadata["live"] for f in dataclasses.fields(params)}
    names = [names] if isinstance(names, str) else list(names)
    problems = [f"{name!r}: no such knob" for name in names if name not in live]
    problems += [
        f"{name!r}: needs a new model, it cannot change while one learns" for name in names if live.get(name) is False
    ]
    if problems:
        there = ", ".join(name for name, is_live in live.items() if is_live)
        raise ValueError(f"knobs: {'; '.join(problems)}. Live knobs are {there}")
    return list(dict.fromkeys(names))


def this_cell():
    """(cell, execution) in which a notebook is now, None elsewhere: a cell that is run again replaces what it made."""
    import sys

    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    try:
        parent = shell.get_parent()
        return parent["metadata"]["cellId"], parent["header"]["msg_id"]
    except (AttributeError, KeyError, TypeError, LookupError):
        return None
