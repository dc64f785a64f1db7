"""Anonymisation in the classical sense: keys made coarser, and rows left out, until each hides among k (Sweeney, 2002).

It stands beside synthesis so that both can be attacked, and both be asked what they cost.
"""

import numpy as np
import pandas as pd

from genlab.tables.evaluation.distance import LEFT_OUT
from genlab.tables.reading.checking import check
from genlab.tables.synthesis.encoding import seconds
from genlab.tables.types import LEVELS, complain

STEPS = (16, 8, 4, 2, 1)  # classes that a key is cut into, finest first; before the first it is left as it is


def anonymise(df, keys, *, types, k=5, suppress=0.05):
    """A table in which every row has the same answers to `keys` as at least k - 1 others.

    Keys are made coarser, one step at a time and always the one that leaves the fewest rows in groups below k, until
    these are few enough to be left out. Numbers, dates and ordered levels are cut into classes of about equal size, each
    written as its median, which codes the top and the bottom as well; of other levels the commonest are kept, the rest
    become gaps. Columns that are no keys stay as they are.

    Parameters
    ----------
    df : DataFrame
    keys : list
        What an attacker may know of a person.
    types : Types
    k : int
        Least number of rows in a group.
    suppress : float
        Largest share of the rows that may be left out.

    Returns
    -------
    DataFrame
        With the columns and kinds of df, in its order, without the rows left out.

    Raises
    ------
    ValueError
        One message that lists all problems.
    """
    keys = [keys] if isinstance(keys, str | int) else list(keys)
    problems = [] if keys else ["keys: name at least one column"]
    problems += [
        f"keys: {name!r} is {'no column of types' if name not in types else types[name].kind + ', which has no classes'}"
        for name in keys
        if name not in types or types[name].kind in LEFT_OUT
    ]
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 1 <= k <= len(df):
        problems.append(f"k={k!r}: must be a whole number from 1 to {len(df):,}, the rows that there are")
    if isinstance(suppress, bool) or not isinstance(suppress, int | float) or not 0 <= suppress < 1:
        problems.append(f"suppress={suppress!r}: must be a share from 0 to less than 1")
    complain("anonymise", problems)
    check(df, types, where="anonymise")
    ladders = {name: [df[name], *(_coarser(df[name], types[name], n) for n in STEPS)] for name in keys}
    at = dict.fromkeys(keys, 0)
    while (small := _small(ladders, at, k)).mean() > suppress:
        further = [name for name in keys if at[name] < len(STEPS)]
        if not further:
            raise ValueError(
                f"anonymise: {small.sum():,} of {len(df):,} rows stay in groups below k={k} with all keys at their coarsest; "
                f"allow to leave out more (suppress={np.ceil(100 * small.mean()) / 100:.2f}), or name fewer keys"
            )
        tried = {name: _small(ladders, at | {name: at[name] + 1}, k).sum() for name in further}
        best = min(further, key=lambda name: (tried[name], at[name]))
        at[best] += 1
    made = df.assign(**{name: ladders[name][step] for name, step in at.items()})
    return made[~small]


def _small(ladders, at, k):
    """Which rows are in a group below k when each key stands at its step."""
    codes = pd.DataFrame({name: pd.factorize(ladders[name][step])[0] for name, step in at.items()})
    _, group, sizes = np.unique(codes.to_numpy(), axis=0, return_inverse=True, return_counts=True)
    return sizes[group.ravel()] < k


def _coarser(series, column, n):
    """A column in at most n classes, each shown by one of its values; declared codes and gaps stay."""
    there = (series.notna() & ~series.isin(column.missing)).to_numpy()
    answers = series[there]
    if column.kind in LEVELS and column.kind != "ordinal":
        common = answers.value_counts().index[:n] if n > 1 else []
        return series.where(~there | series.isin(common).to_numpy())
    levels = list(column.levels) if column.kind == "ordinal" else sorted(answers.unique())
    if column.kind == "date":  # text such as 03/12/1999 has another order than its days
        days = pd.Series(seconds(answers, column), answers.index)
        levels = answers[~days.duplicated()].loc[days.drop_duplicates().sort_values().index].tolist()
    places = answers.map({level: place for place, level in enumerate(levels)}).astype(float).reset_index(drop=True)
    if not len(places):
        return series
    classes = pd.qcut(places, n, labels=False, duplicates="drop")
    middle = places.groupby(classes).transform(lambda own: own.quantile(interpolation="lower"))
    made = series.astype(object).to_numpy(copy=True)
    made[there] = [levels[int(place)] for place in middle]
    return pd.Series(made, index=series.index).astype(series.dtype)
