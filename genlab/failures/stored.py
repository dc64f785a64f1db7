"""Studies that ship with genlab, so that no one waits in class: frames with the recipe that made them."""

import json
import pathlib

from genlab import files

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
    return files.digest(recipe(failure) | more)


def save(study):
    """Write a study to its place in the package; returns the path."""
    import torch

    seconds = {arm: round(value, 1) for arm, value in study.seconds.items()}
    rows = json.loads(study.frame.to_json(orient="records", double_precision=6))
    how = dict(releases=f"torch {torch.__version__.partition('+')[0]}", steps=study.steps, seconds=seconds)
    return files.keep(HERE / f"{study.failure.name}.json", digest(study.failure), rows, **how)


def load(failure):
    """The stored study of a failure.

    Raises
    ------
    ValueError
        None is stored, or the record has changed since.
    """
    import pandas as pd

    from genlab.failures.study import Study

    found = files.kept(HERE / f"{failure.name}.json", digest(failure))
    return Study(failure, pd.DataFrame(found["rows"]), found["steps"], found["seconds"], made=found["made"])
