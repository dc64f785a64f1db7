"""How good a synthetic table is: every score between shuffled columns, fresh real rows and a copy of the training rows.

A bare percentage says nothing: what it is worth depends on the table. So each score is computed three times more, by
the same code on the user's own rows, with other rows in place of the synthetic ones: training rows with each column
shuffled alone (floor), rows held out (ceiling), training rows themselves (copy: what a leak looks like). The training
rows are what fidelity is measured against; all tables put beside them have the same number of rows.

Without rows held out nothing is said about leaks.
"""

import datetime
import platform
import time

import numpy as np
import pandas as pd

from genlab.tables.evaluation.bench import COLUMNS, Bench
from genlab.tables.evaluation.chance import generator
from genlab.tables.evaluation.fairness import fairness
from genlab.tables.evaluation.learners import MOST_ROWS
from genlab.tables.evaluation.meanings import verdicts
from genlab.tables.evaluation.outcome import Report
from genlab.tables.evaluation.scales import LEFT_OUT
from genlab.tables.reading.checking import check
from genlab.tables.reading.guessing import guess
from genlab.tables.types import complain

LEAST_ROWS = 20


def evaluate(
    train, fake, *, holdout=None, target=None, keys=None, sensitive=None, favourable=None, types=None, references=None,
    privacy=None, random_state=0,
):  # fmt: skip
    """Measure a synthetic table against the rows that its model learned from, and rows that it never saw.

    Parameters
    ----------
    train : DataFrame
        Rows the model learned from.
    fake : DataFrame
        Synthetic rows. What is wrong with them (columns that lack, values of another kind, new levels) lowers scores.
    holdout : DataFrame, optional
        Real rows the model never saw. Without them leaks are not measured, nor training on synthetic rows.
    target : str or int, optional
        The column to predict and to ask about; also what an attacker is after. Without it these are left out.
    keys : list, optional
        Columns that an attacker may know of a person.
    sensitive : str or int, optional
        A column of groups: the report then says of the target what :func:`genlab.tables.fairness` finds.
    favourable : optional
        The level of the target that counts as yes there.
    types : Types, optional
        Guessed from `train` by default.
    references : Report, optional
        Of another synthetic table, equally long and set against the same rows: its floors, ceilings and copies are taken
        over, which saves more than half of the time.
    privacy : Spent, optional
        What the model of the synthetic rows spent (``model.privacy_spent()``): the report says it and what it means. The
        report itself reads real rows and is not private.
    random_state : None, int, Generator or RandomState

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        One message that lists everything that makes the tables unusable.
    """
    keys = [] if keys is None else [keys] if isinstance(keys, str | int) else list(keys)
    types = _checked(train, fake, holdout, target, keys, sensitive, types, privacy)
    rng, groups = generator(random_state), None
    if sensitive is not None:  # first, for it may refuse; by a stream of its own, so that all other numbers stay
        asked = dict(target=target, sensitive=sensitive, favourable=favourable, random_state=rng.spawn(1)[0])
        groups = fairness(train, fake, holdout, types=types, **asked)
    bench = Bench(train, fake, holdout, types, rng)
    if references is not None:
        bench.take_over(references, target)
    parts = {
        "fidelity": bench.fidelity,
        "utility": lambda: bench.utility(target),
        "leaks": lambda: bench.leaks(target, keys),
    }
    seconds = {}
    for name, part in parts.items():
        begin = time.perf_counter()
        part()
        seconds[name] = round(time.perf_counter() - begin, 2)
    facts = dict(
        n_train=len(train), n_fake=len(fake), n_holdout=0 if holdout is None else len(holdout), columns=len(types),
        target=target, keys=keys, sensitive=sensitive, random_state=_plainly(random_state), rows_compared=bench.n,
        rows_for_learners=min(bench.n, MOST_ROWS), seconds=seconds, versions=_versions(),
        date=datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
    )  # fmt: skip
    if privacy is not None:
        facts["privacy"] = privacy.sentence()
    warnings = _notes(fake, holdout, target, keys, types) + bench.warnings() + bench.notes
    scores = pd.DataFrame.from_dict(bench.scores, orient="index", columns=COLUMNS)
    scores.index.name = "score"
    told = verdicts(scores, bench.attacks, target, measured=holdout is not None)
    if privacy is not None:
        told["privacy"] = f"{privacy.sentence()} This report was worked out from real rows, and is not private itself."
    return Report(
        scores, bench.columns, bench.pairs, bench.attacks, bench.answers, facts, warnings, told, shapes=bench.shapes,
        fairness=groups,
    )  # fmt: skip


def _checked(train, fake, holdout, target, keys, sensitive, types, privacy):
    """Types, or one error that lists all problems."""
    given = dict(train=train, fake=fake) | ({} if holdout is None else dict(holdout=holdout))
    problems = [problem for name, frame in given.items() for problem in _unfit(name, frame)]
    if not problems:
        try:
            types = _typed(train, types)
        except ValueError as error:
            problems.append(f"train: {error}")
    names = [*train.columns] if isinstance(train, pd.DataFrame) else []
    problems += [f"keys: {name!r} is no column of train" for name in keys if names and name not in names]
    if target is not None and names and target not in names:
        problems.append(f"target={target!r} is no column of train")
    if sensitive is not None and names and sensitive not in names:
        problems.append(f"sensitive={sensitive!r} is no column of train")
    if sensitive is not None and (target is None or holdout is None):
        problems.append(f"sensitive={sensitive!r}: gaps between groups need a target and rows held out, holdout=")
    if privacy is not None and not hasattr(privacy, "sentence"):
        problems.append(f"privacy={privacy!r}: must be what privacy_spent() of the model gives")
    complain("evaluate", problems)
    measured = [name for name, column in types.items() if column.kind not in LEFT_OUT]
    if target is not None and target not in measured:
        problems.append(f"target={target!r} is of kind {types[target].kind!r}, which is not compared")
    if not measured:
        problems.append("there is no column to compare: free text and ids are left out")
    elif not any(name in fake for name in measured):
        problems.append(f"fake has none of the columns of train: {', '.join(map(repr, measured[:8]))}")
    if holdout is not None:
        problems += [f"holdout has no column {name!r}" for name in measured if name not in holdout]
        if not problems and len(holdout) == len(train) and holdout[measured].equals(train[measured]):
            problems.append("holdout holds the training rows: it must be rows that the model never saw")
    complain("evaluate", problems)
    return types


def _unfit(name, frame):
    if not isinstance(frame, pd.DataFrame):
        return [f"{name} is a {type(frame).__name__}, must be a DataFrame"]
    twice = frame.columns[frame.columns.duplicated()].unique()
    found = [f"{name}: two columns are named {column!r}: give each its own name" for column in twice]
    return found + (
        [f"{name} has {len(frame)} rows, must have at least {LEAST_ROWS}"] if len(frame) < LEAST_ROWS else []
    )


def _typed(train, types):
    if types is None:
        return guess(train)
    check(train, types, where="evaluate")
    return types


def _notes(fake, holdout, target, keys, types):
    """What a reader should know of the question, before any score."""
    left = [name for name, column in types.items() if column.kind in LEFT_OUT]
    notes = [
        f"{name!r}: fake lacks this column; it counts as missing in every row"
        for name in types
        if name not in fake and name not in left
    ]
    notes += [f"{name!r}: only fake has this column; it was not looked at" for name in fake if name not in types]
    notes += [f"{name!r}: {types[name].kind}, not compared" for name in left]
    if holdout is None:
        notes.append("no rows were held out: leaks are not measured, nor training on synthetic rows")
    if target is None:
        notes.append("no target was named: no learner was trained and no questions were asked")
    if holdout is not None and not keys:
        notes.append("no keys were named: the attacker is taken to know every other column")
    return notes


def _plainly(random_state):
    return random_state if random_state is None or isinstance(random_state, int) else type(random_state).__name__


def _versions():
    import scipy
    import sklearn

    import genlab

    return {
        "genlab": genlab.__version__, "python": platform.python_version(), "numpy": np.__version__,
        "pandas": pd.__version__, "scikit-learn": sklearn.__version__, "scipy": scipy.__version__,
    }  # fmt: skip
