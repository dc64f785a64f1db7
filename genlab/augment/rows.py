"""Rows added to few real rows of a table: repeated, or made by synthesizers that learned from these few alone."""

import numpy as np
import pandas as pd

from genlab.augment.learners import LINEAR, TREES, known, right
from genlab.augment.study import NONE, Experiment, deal
from genlab.tables.synthesis.synthesizer import Synthesizer
from genlab.tables.types import LEVELS, complain

METHODS = ("trees", "vae", "autoregressive")
NAMES = dict(vae="VAE", autoregressive="AR")  # what the arms are called, where not as the methods


def of_rows(df, types, target, *, sizes=(20, 100, 500, 2000), times=(1, 5), methods=METHODS, name="own"):
    """How often a learner is right about real rows, by real rows learned from and by rows added.

    Parameters
    ----------
    df : DataFrame
    types : Types
    target : str or int
        A column with levels, to be told from the others. Rows without it are left out.
    sizes, times : tuple of int
        Real rows to learn from, and how many times as many are added.
    methods : tuple of str
        Of :class:`genlab.tables.Synthesizer`; one is fitted for each number of rows and seed, on those rows alone.

    Returns
    -------
    Experiment

    Raises
    ------
    ValueError
        The target cannot be asked for.
    """
    complain("augment", target_problems(df, types, target))
    df = answered(df, types, target)
    recipe = dict(
        rows=fingerprint(df), target=str(target), sizes=sizes, times=times, methods=methods, linear=LINEAR, trees=TREES
    )
    once = lambda rows, seed: _once(df, types, target, rows, seed, times, methods)
    return Experiment(name, tuple(sizes), once, recipe)


def target_problems(df, types, target):
    """What is wrong with a target: a list."""
    if target not in types or types[target].kind not in LEVELS:
        there = [name for name, column in types.items() if column.kind in LEVELS]
        return [f"target={target!r}: no column with levels; there are {', '.join(map(repr, there))}"]
    return [] if target in df else [f"target={target!r}: the types have it, the table has not"]


def answered(df, types, target):
    """The rows that have an answer to the target."""
    gone = df[target].isna() | df[target].isin(list(types[target].missing))
    return df[~gone]


def fingerprint(df):
    """16 hexadecimal digits that change when any cell does."""
    import hashlib

    return hashlib.sha256(df.to_csv(index=False).encode()).hexdigest()[:16]


def _once(df, types, target, rows, seed, times, methods):
    few, check, test = (df.iloc[own] for own in deal(len(df), rows, seed))
    again = np.random.default_rng([seed, 1]).integers(rows, size=max(times) * rows)
    extra = {"repeated": few.iloc[again]}
    for method in methods:
        model = Synthesizer(method, random_state=seed).fit(few, types=types)
        made = model.sample(max(times) * rows)
        extra[NAMES.get(method, method)] = made[~(made[target].isna() | made[target].isin(types[target].missing))]
    tables = {(NONE, 0): few}
    tables |= {(arm, k): pd.concat([few, made.head(k * rows)]) for arm, made in extra.items() for k in times}
    found = []
    for (arm, k), table in tables.items():
        told = right(known(types, target, table, check, test), seed)
        found.append(dict(rows=rows, arm=arm, added=k, seed=seed, accuracy=told))
    return found
