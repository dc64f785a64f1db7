"""What a reader may ask of a lab, checked: each message names the value, the rule and the mend."""

import dataclasses
import math
import numbers

from genlab.lab import loops
from genlab.rows import is_whole
from genlab.training import short

ROWS = "rows"  # of a preset: how many of the lab's rows it learns from, 0 for all; every other name is a knob
NEEDS = ("steps", "state", "load_state", "set", "sample")
LEFT = {  # what a control needs of the model, and what it is called in a sentence
    "rewind": (("state", "load_state"), "goes back to a kept state"),
    "reset": (("state", "load_state"), "goes back to the first state"),
    "restart": (("restart",), "makes the model anew"),
    "seeds": (("restart", "seed"), "makes the model for other seeds"),
    "slow": (("loop",), "looks inside a step"),
}


def reasons(model):
    """Why each control does not work for this model, by name; "" where it does."""
    return {
        name: ""
        if all(hasattr(model, need) for need in needs)
        else f"not for this loop: {name} {words}, and it has none"
        for name, (needs, words) in LEFT.items()
    }


def check_model(model):
    """The model as it is; a loop of the reader's own is dressed as one."""
    if not hasattr(model, "steps") and not isinstance(model, type):
        return loops.OwnLoop(model)
    missing = [name for name in NEEDS if not callable(getattr(model, name, None))]
    if missing or isinstance(model, type):
        mend = "make the model first: " + getattr(model, "__name__", "") + "(data)" if isinstance(model, type) else (
            "a loop of your own is an iterable of dicts: gl.Lab(my_loop())"
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
    """The names of knobs, or one error that lists what is wrong with them."""
    there = [field.name for field in dataclasses.fields(params)]
    names = [names] if isinstance(names, str) else list(names)
    unknown = [repr(name) for name in names if name not in there]
    if unknown:
        raise ValueError(f"knobs: {', '.join(unknown)}: no such knob; there are {', '.join(there)}")
    return list(dict.fromkeys(names))


def check_presets(model, presets):
    """Settings by name, each with every knob in which any of them differs from the model as it is, and the rows."""
    presets, problems = dict(presets or {}), []
    for name, knobs in presets.items():
        if not isinstance(name, str) or not isinstance(knobs, dict):
            problems.append(f"presets: {short(name)}: {short(knobs)}: must be a name and a dict of knobs")
            continue
        rows = knobs.get(ROWS, 0)
        also = [] if is_whole(rows, 0) else [f"{ROWS}={short(rows)}: must be a whole number of rows, 0 for all"]
        try:
            model.Params.check({knob: value for knob, value in knobs.items() if knob != ROWS}, also=also)
        except ValueError as error:
            problems.append(f"preset {name!r}: {error}")
    if problems:
        raise ValueError("\n".join(problems))
    names = dict.fromkeys(name for knobs in presets.values() for name in knobs)
    usual = {knob: 0 if knob == ROWS else getattr(model.hp, knob) for knob in names}
    return {name: usual | knobs for name, knobs in presets.items()}


def check_has_loss(loss, model):
    """A loss of the reader's own, for a model that takes one."""
    if not hasattr(model.hp, "loss"):
        raise ValueError(f"loss={short(loss)}: only a GAN takes one, and this is {short(model)}")
    return loss


def check_unlocked(knobs, locked):
    held = [name for name in knobs if name in locked]
    if held:
        raise ValueError(f"{', '.join(held)}: held fast by the recipe of this lab; the other knobs are free")


def check_rewind(step, first, last):
    if not is_whole(step, first, last):
        raise ValueError(f"step={step!r}: must be a whole number from {first} to {last}, a step that was learned")


def check_seeds(seeds):
    if not is_whole(seeds, 2, 64):
        raise ValueError(f"seeds={seeds!r}: must be a whole number from 2 to 64")
    return seeds


def check_alike(data, present):
    """Whether a lab can change to other rows without another kind of picture."""
    if data.shape != (2,) or present is None or present.shape != (2,):
        raise ValueError(
            f"data {data.name!r} have rows of shape {data.shape}: a lab changes from points to points, (2,)"
        )


def this_cell():
    """(cell, execution) in which a notebook is now, None elsewhere: a cell that is run again replaces what it made."""
    import sys

    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    try:
        parent = shell.get_parent()
        return parent["metadata"]["cellId"], parent["header"]["msg_id"]
    except (AttributeError, KeyError, TypeError, LookupError):
        return None
