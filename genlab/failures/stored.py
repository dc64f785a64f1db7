"""Studies that ship with genlab, so that no one waits in class: frames with the recipe that made them."""

import datetime
import hashlib
import json
import pathlib
import platform

HERE = pathlib.Path(__file__).parent / "studies"


def recipe(failure):
    """Everything that a study's numbers depend on, as JSON values."""
    plans = [failure.plan(arm) for arm in failure.arms]
    how = ("name", "kind", "first", "first_steps", "rows", "steps")
    arms = [{key: getattr(plan, key) for key in how} | dict(knobs=failure.knobs(plan)) for plan in plans]
    arms = [arm | (dict(draw=plan.draw) if plan.draw else {}) for arm, plan in zip(arms, plans, strict=True)]
    limits = {name: str(limit) for name, limit in failure.limits.items()}
    data = failure.data()
    rows = dict(name=data.name, fingerprint=str(data.fingerprint))
    return dict(
        failure=failure.name, model=failure.model.__name__, data=rows, steps=failure.steps, arms=arms, limits=limits
    )


def digest(failure, **more):
    """A short digest of a failure's recipe, and of what else is named."""
    text = json.dumps(recipe(failure) | more, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def save(study):
    """Write a study to its place in the package; returns the path."""
    import torch

    path = HERE / f"{study.failure.name}.json"
    day = datetime.date.today().isoformat()
    made = f"{platform.system()} {platform.machine()}, torch {torch.__version__.partition('+')[0]}, {day}"
    seconds = {arm: round(value, 1) for arm, value in study.seconds.items()}
    whole = dict(recipe=digest(study.failure), made=made, steps=study.steps, seconds=seconds)
    rows = json.loads(study.frame.to_json(orient="records", double_precision=6))
    text = json.dumps(whole)[:-1] + ', "rows": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]}\n"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def load(failure):
    """The stored study of a failure.

    Raises
    ------
    ValueError
        None is stored, or the record has changed since.
    """
    import pandas as pd

    from genlab.failures.study import Study

    path = HERE / f"{failure.name}.json"
    if not path.exists():
        raise ValueError(f"no study of {failure.name!r} is stored: make one by .study()")
    stored = json.loads(path.read_text("utf-8"))
    if stored["recipe"] != digest(failure):
        raise ValueError(f"the stored study of {failure.name!r} was made by another recipe: make one by .study()")
    return Study(failure, pd.DataFrame(stored["rows"]), stored["steps"], stored["seconds"], made=stored["made"])
