"""Rows held out: no model sees them, and every score is measured with them."""

import numpy as np
import pandas as pd

from genlab.tables.evaluation.chance import generator
from genlab.tables.types import complain


def split(df, *, holdout=0.5, random_state=None):
    """Two tables of one: rows to learn from, and rows that no model sees and every score is measured with.

    Parameters
    ----------
    df : DataFrame
    holdout : float
        Share of the rows that is held out.

    Returns
    -------
    train, holdout : DataFrame
        Both keep the order and the index of their rows.
    """
    problems = [] if isinstance(df, pd.DataFrame) else [f"a {type(df).__name__} was given: needs a DataFrame"]
    if isinstance(holdout, bool) or not isinstance(holdout, float | int) or not 0 < holdout < 1:
        problems.append(f"holdout={holdout!r}: must be a share between 0 and 1")
    if not problems and not 1 <= round(holdout * len(df)) < len(df):
        problems.append(f"{len(df)} rows cannot be split so that both parts have one: holdout={holdout}")
    complain("split", problems)
    held = np.zeros(len(df), dtype=bool)
    held[generator(random_state).permutation(len(df))[: round(holdout * len(df))]] = True
    return df[~held], df[held]
