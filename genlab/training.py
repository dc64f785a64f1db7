"""Driving a loop: :func:`run` one model, :func:`ensemble` many seeds at once.

A loop is any iterable of records (dicts of finite numbers), such as ``gan.steps(data)`` or a generator of your own.
Nothing here knows what is being trained; plotting and widgets are elsewhere.
"""

import contextlib
import dataclasses
import math
import numbers
import signal
import threading
import time

import numpy as np
import torch

from genlab import parts
from genlab.datasets import as_dataset
from genlab.rows import is_whole


@dataclasses.dataclass
class Run:
    """What a drive left behind.

    Attributes
    ----------
    records : list of dict
        One a step kept: "step" and what the loop yielded, as floats (lists of K in a stack).
    seconds : float
        Wall time.
    stopped : str or None
        Why it ended before its time; None when it ran to the end.
    """

    records: list
    seconds: float = 0.0
    stopped: str | None = None

    @property
    def history(self):
        """DataFrame indexed by step, a column for each number; for a stack a column level for the member."""
        import pandas as pd

        steps = [record["step"] for record in self.records]
        columns = {}
        for name in dict.fromkeys(name for record in self.records for name in record if name != "step"):
            values = [record.get(name, math.nan) for record in self.records]
            width = max((len(v) for v in values if isinstance(v, list)), default=None)
            if width is None:
                columns[name] = values
            for k in range(width or 0):
                columns[name, k] = [(v[k] if k < len(v) else math.nan) if isinstance(v, list) else v for v in values]
        return pd.DataFrame(columns, index=pd.Index(steps, name="step"))

    def __repr__(self):
        last = self.records[-1]["step"] if self.records else 0
        why = f", {self.stopped}" if self.stopped else ""
        return f"Run({len(self.records)} records to step {last}, {self.seconds:.1f} s{why})"


class Stopped(RuntimeError):
    """A strict run that ended early; `run` holds everything up to then."""

    def __init__(self, run):
        super().__init__(run.stopped)
        self.run = run


def run(loop, steps, *, every=1, threads=1, strict=False):
    """Drive a loop for a number of steps and keep its records.

    Ctrl-C (or the stop button) ends it between two steps, never inside one; pressed twice, at once. Whatever
    happens, the records so far are kept: in the returned Run, or as ``error.run`` on what a loop of yours raises.

    Parameters
    ----------
    loop : iterable of dict
    steps : int
        At least 1.
    every : int
        Keep the records of every so many steps, and the last.
    threads : int
        Processor threads that torch may use meanwhile; small networks are quickest on one.
    strict : bool
        Raise :class:`Stopped`, with the run attached, when it ends early.

    Returns
    -------
    Run
    """
    for name, value in {"steps": steps, "every": every, "threads": threads}.items():
        if not is_whole(value, 1):
            raise ValueError(f"{name}={value!r}: must be a whole number of at least 1")
    result, record, count, start = Run([]), None, 0, time.perf_counter()
    iterator = as_loop(loop)
    try:
        with parts.threads(threads), interrupts() as interrupted:
            while count < steps and not result.stopped:
                try:
                    record = _whole_step(iterator, count + 1)
                except StopIteration:
                    result.stopped = f"the loop ended by itself after {count} steps"
                    break
                count += 1
                if count % every == 0:
                    result.records.append(record)
                result.stopped = trouble(record)
                if interrupted and not result.stopped:
                    result.stopped = f"interrupted after step {record['step']}"
    except BaseException as error:
        error.run = result
        error.add_note("The records of the steps before this are kept in error.run.history.")
        raise
    finally:
        result.seconds = time.perf_counter() - start
        if count % every:
            result.records.append(record)  # the last one is always kept
    if strict and result.stopped:
        raise Stopped(result)
    return result


def advance(iterator, count=None):
    """Pull one record as plain numbers; `count` is its step where the loop does not number its own."""
    record = next(iterator)
    if not isinstance(record, dict):
        raise TypeError(f"the loop yielded {short(record)}: it must yield dicts such as {{'loss': 0.7}}, one a step")
    return {"step": count} | {name: _plain(name, value) for name, value in record.items()}


def _whole_step(iterator, count):
    """The next record that is not a look inside a step, as those with a "stage" are."""
    for _ in range(100):
        record = advance(iterator, count)
        if "stage" not in record:
            return record
    raise TypeError(
        "the loop yielded 100 records with a 'stage', looks inside a step, but no step: call it something else"
    )


def _plain(name, value):
    """A record's value as a float, a list of floats, or text; the step as an int."""
    if isinstance(value, torch.Tensor) or hasattr(value, "tolist"):
        value = value.tolist()
    if name == "step" and is_whole(value, -(2**62)):
        return int(value)
    if not isinstance(name, str) or name == "step":
        raise TypeError(f"the loop yielded {short(name)}: {short(value)}; names are text, and step is a whole number")
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(v, numbers.Real) for v in value):
        return [float(v) for v in value]
    if not isinstance(value, numbers.Real):
        raise TypeError(f"the loop yielded {name}={short(value)}: must be one number, or a tensor of one a member")
    return float(value)


def trouble(record):
    """Why a record is the last one worth having, as a sentence; None while at least one member is finite."""
    for name, value in record.items():
        values = value if isinstance(value, list) else [value]
        if not any(isinstance(v, str) or math.isfinite(v) for v in values):
            return (
                f"not finite at step {record['step']}: {name} is {values[0]}; the weights are lost from here on, so go "
                "back to a saved state or a new model, with a smaller step size (lr) or a stronger penalty (r1)"
            )
    return None


@contextlib.contextmanager
def interrupts():
    """Collect Ctrl-C in a list instead of raising it, so that a step is always finished; the second one is raised."""
    asked = []
    if threading.current_thread() is not threading.main_thread():
        yield asked  # only the main thread receives signals
        return

    def note(signum, frame):
        if asked:
            raise KeyboardInterrupt
        asked.append(signum)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)  # None: not set from Python


@dataclasses.dataclass
class Ensemble:
    """Many seeds, trained at once.

    Attributes
    ----------
    model : Model
        The stack, one member a seed.
    run : Run
    seeds : list of int
    draw : dict
        How :meth:`sample` draws, where not said otherwise: arguments of the model's own.
    lost : dict of seed -> step
        Members whose numbers are no longer finite, and since when; the others are untouched.
    """

    model: object
    run: Run
    seeds: list
    draw: dict = dataclasses.field(default_factory=dict)

    @property
    def frame(self):
        """DataFrame with a row for each seed and each step kept: columns seed, step, and what the loop records."""
        import pandas as pd

        records, members = self.run.records, len(self.seeds)
        columns = {
            "seed": np.repeat(np.array(self.seeds), len(records)),
            "step": np.tile(np.array([record["step"] for record in records], dtype=int), members),
        }
        for name in dict.fromkeys(name for record in records for name in record if name != "step"):
            rows = [record.get(name, [math.nan] * members) for record in records]
            columns[name] = np.array(rows).T.ravel()  # (steps, members) to a column, seed by seed
        return pd.DataFrame(columns)

    @property
    def lost(self):
        lost = {}
        for record in self.run.records:
            for values in record.values():
                for seed, value in zip(self.seeds, values, strict=True) if isinstance(values, list) else ():
                    if not math.isfinite(value):
                        lost.setdefault(seed, record["step"])
        return lost

    def sample(self, n, **draw):
        """n samples of every member, (K, n, *shape), with the arguments of the model's own ``sample``."""
        return self.model.sample(n, **self.draw | draw)

    def __repr__(self):
        return f"Ensemble({len(self.seeds)} seeds of {self.model!r}, {self.run!r})"


def ensemble(model, data, *, seeds, steps, every=1, threads=1, **knobs):
    """Train `model` (a class such as ``gl.GAN``) once for each seed, all at once: the same loop on a stack of networks.

    Parameters
    ----------
    model : class
    data : Dataset
    seeds : iterable of int
    steps, every, threads : int
        As in :func:`run`.
    **knobs
        Arguments of the model.

    Returns
    -------
    Ensemble
    """
    if isinstance(seeds, numbers.Integral):
        raise ValueError(f"seeds={seeds}: give several, for example seeds=range({seeds})")
    data = as_dataset(data)
    stack = model(data, seed=seeds, **knobs)
    return Ensemble(stack, run(stack.steps(data), steps, every=every, threads=threads), stack.seed)


def as_loop(loop):
    try:
        return iter(loop)
    except TypeError:
        mend = "call it first: run(my_loop(...), steps=...)" if callable(loop) else "pass an iterable of dicts"
        raise TypeError(f"loop={short(loop)} cannot be stepped through: {mend}") from None


def short(value):
    """A value's type and the first of its characters, for messages."""
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '...'}"
