"""Tables that are bad in one known way each, to see which score catches which: no score of likeness or use catches a copy.

All but the copies are made from fresh real rows, neither learned from nor held out, so that nothing else is wrong with
them.
"""

import numpy as np
import pandas as pd

from genlab.tables.evaluation.evaluation import evaluate
from genlab.tables.evaluation.fidelity import RARE
from genlab.tables.evaluation.meanings import COPY, FILLED, NO_RARE, SHUFFLED, SWAPPED, TIMES_10

SHARE = 0.3  # of cells swapped
MANY = 50  # different values: a column with more is no column of levels
FRESH = "fresh rows"
MARGIN = 0.005  # of a score, beyond noise
STRICT = 1.5  # times the 95 % noise: a hundred comparisons are made at once
LEAK = "attacks"


def bad_tables(train, fresh, rng):
    """Tables that are bad in one known way each, and one that is not.

    Parameters
    ----------
    train : DataFrame
        Rows learned from.
    fresh : DataFrame
        Real rows that are neither these nor held out: beside held-out rows, a table made of the same ones is a copy too.
    rng : Generator

    Returns
    -------
    dict of str to DataFrame
        By name: fresh rows as they are, nothing wrong; a copy of the training rows; fresh rows with each column in an
        order of its own; training rows with 30 % of each column's cells in an order of their own; fresh rows with all
        numbers times ten; with each gap filled by an answer of another row; with each level under 5 % turned into its
        column's commonest.
    """
    return {
        FRESH: fresh.copy(),
        COPY: train.copy(),
        SHUFFLED: _each(fresh, lambda column: _swap(column, 1.0, rng)),
        SWAPPED: _each(train, lambda column: _swap(column, SHARE, rng)),
        TIMES_10: _each(fresh, lambda column: column * 10 if _is_number(column) else column),
        FILLED: _each(fresh, lambda column: _fill(column, rng)),
        NO_RARE: _each(fresh, _lose),
    }


def catches(train, fresh, holdout, *, target=None, keys=None, types=None, random_state=0):
    """Which score catches which bad table.

    A score catches a table when it is worse than that of fresh real rows by more than the noise of both; "attacks" does
    when one of them finds a leak.

    Parameters
    ----------
    train, fresh : DataFrame
        As in :func:`bad_tables`.
    holdout : DataFrame
    target, keys, types, random_state
        As in :func:`genlab.tables.evaluate`.

    Returns
    -------
    DataFrame of bool
        Scores by bad tables.
    """
    tables = bad_tables(train, fresh, np.random.default_rng(random_state))
    options = dict(holdout=holdout, target=target, keys=keys, types=types, random_state=random_state)
    reports = {FRESH: evaluate(train, tables[FRESH], **options)}
    for name in tables:
        if name != FRESH:
            reports[name] = evaluate(train, tables[name], references=reports[FRESH], **options)
    return pd.DataFrame({name: caught(report) for name, report in reports.items()})


def caught(report):
    """For each score of a report, whether it shows the table to be worse than fresh real rows."""
    found = {}
    for name, row in report.scores.iterrows():
        noise = STRICT * np.sqrt(2) * (row["high"] - row["low"]) / 2 + MARGIN
        if row["ideal"] != 0.5:
            found[name] = row["ceiling"] - row["value"] > noise
        else:  # a discriminator also catches copies, a distance share only those
            far = row["value"] - row["ceiling"]
            found[name] = bool(abs(far) > noise if name.startswith("discriminator") else far > noise)
    if len(report.attacks):
        found[LEAK] = bool(report.attacks["leak"].any())
    return pd.Series(found)


def _each(frame, change):
    return pd.DataFrame({name: change(frame[name].reset_index(drop=True)) for name in frame})


def _swap(column, share, rng):
    """A share of the cells in an order of their own."""
    rows = np.flatnonzero(rng.random(len(column)) < share)
    place = np.arange(len(column))
    place[rows] = rng.permutation(rows)
    return column.iloc[place].reset_index(drop=True)


def _is_number(column):
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _fill(column, rng):
    there, place = np.flatnonzero(column.notna()), np.arange(len(column))
    gone = np.flatnonzero(column.isna())
    if len(there):
        place[gone] = rng.choice(there, len(gone))
    return column.iloc[place].reset_index(drop=True)


def _lose(column):
    shares = column.value_counts(normalize=True)
    if _is_number(column) or len(shares) > MANY or not len(shares):
        return column
    return column.where(column.isna() | column.map(shares).astype(float).ge(RARE), shares.index[0])
