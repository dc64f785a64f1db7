"""One run of a sweep, here or in a worker: what is sent there, and what comes back.

A worker is sent the function that makes a model, the data, the knobs and the seed, as bytes in a message; it sends back
numbers. Nothing of this is written to a file.
"""

import functools
import math
import numbers
import time

from genlab import datasets, metrics, parts, training

OWN = ("seed", "seconds", "error")  # columns that every row has
MAX_MESSAGE = 500  # characters


def run(job, knobs, seed):
    """What one run gives: scores and last numbers, seconds, and error."""
    start, found, error = time.perf_counter(), {}, None
    try:
        with parts.threads(1):
            found = _scored(*job, knobs, seed)
    except training.Stopped as problem:
        if problem.run.stopped.startswith("interrupted"):
            raise KeyboardInterrupt from problem  # a run cut short is no row
        error = message(problem)
    except Exception as problem:  # whatever else it raises becomes a row
        error = message(problem)
    return found | dict(seconds=time.perf_counter() - start, error=error)


def _scored(make_model, data, steps, score, others, knobs, seed):
    data, last = data() if isinstance(data, functools.partial) else data, {}
    model = make_model(data, seed=seed, **others | knobs)
    if steps is not None:
        learned = training.run(model.steps(data), steps)
        last = learned.records[-1] if learned.records else {}
        if not last or training.trouble(last) or learned.stopped and learned.stopped.startswith("interrupted"):
            raise training.Stopped(learned)
    elif getattr(model, "step", None) == 0:
        raise ValueError("the model has learned nothing: give steps=, or let make_model train it")
    scores = metrics.quality(model.sample(1000, seed=0), data) if score is None else score(model)
    if not isinstance(scores, dict):
        scores = {getattr(scores, "name", "score"): scores}
    scores = _numbers(scores, [*others, *knobs])
    behind = {name: v for name, v in last.items() if isinstance(v, float) and math.isfinite(v)}
    return scores | {name: v for name, v in behind.items() if name not in (*scores, *knobs, *OWN)}


def _numbers(scores, taken):
    """Scores as finite floats by name, each with its floor where it has one."""
    found, problems = {}, []
    for name, value in scores.items():
        value = value.item() if hasattr(value, "item") else value
        if not isinstance(name, str) or name in (*OWN, *taken):
            problems.append(f"{name!r}: a score's name is text, and none of {', '.join((*OWN, *taken))}")
        elif not isinstance(value, numbers.Real) or not math.isfinite(value):
            problems.append(f"{name}={training.short(value)}: a score is one finite number")
        else:
            found[name] = float(value)
            if math.isfinite(getattr(value, "floor", math.nan)):
                found[f"{name}_floor"] = float(value.floor)
    if problems:
        raise ValueError("score: " + "; ".join(problems))
    return found


def sent(job):
    """A job as bytes for workers; what is defined in a notebook is among them, shipped data go by name."""
    import cloudpickle

    make_model, data, *rest = job
    maker = getattr(datasets, data.name, None) if getattr(data, "call", None) is not None else None
    if callable(maker) and maker(**data.call).fingerprint == data.fingerprint:  # nobody has written into its rows
        data = functools.partial(maker, **data.call)
    try:
        return cloudpickle.dumps((make_model, data, *rest))
    except Exception as error:
        raise TypeError(
            f"make_model and score cannot be sent to a worker ({type(error).__name__}: {error}): they must not use open "
            "files, connections or locks of this notebook; make these inside the function"
        ) from error


def remote(sent, knobs, seed):
    """One run in a worker. `sent` comes from :func:`sent` by the caller's own executor, and from no file."""
    import cloudpickle

    return run(cloudpickle.loads(sent), knobs, seed)


def message(error):
    kind = "" if isinstance(error, training.Stopped) else f"{type(error).__name__}: "
    return f"{kind}{error}"[:MAX_MESSAGE]
