"""Rows between rows: SMOTE-NC (Chawla et al., 2002), by imbalanced-learn, on a table with gaps and categories.

New rows lie between a row and one of its nearest rows with the same answer: numbers in between, levels by vote.
"""

import importlib.util

import numpy as np
import pandas as pd

GAP = "(missing)"
NEIGHBOURS = 5


def missing():
    """What to do where imbalanced-learn is not installed; None where it is."""
    if importlib.util.find_spec("imblearn") is not None:
        return None
    return 'SMOTE is made by imbalanced-learn, which is not installed: pip install "genlab[balance]"'


def smote(df, types, target, yes, n, seed):
    """n rows with the answer `yes`, between those of df that have it.

    Parameters
    ----------
    df : DataFrame
        With at least two rows of `yes`, and more of the rest than of these.
    types : Types
    target, yes : str
    n : int
    seed : int

    Returns
    -------
    DataFrame

    Raises
    ------
    ModuleNotFoundError
        imbalanced-learn is not installed.
    """
    if missing():
        raise ModuleNotFoundError(missing())
    from imblearn.over_sampling import SMOTENC

    rare = (df[target] == yes).to_numpy()
    numbers = [name for name in df if types[name].kind == "number" and name != target]
    levels = [name for name in df if name not in (*numbers, target)]
    x = pd.DataFrame({name: df[name].astype(float) for name in numbers}, index=df.index)
    x = x.fillna(x.median()).fillna(0.0)  # it takes no gaps in numbers: these rows have none
    for name in levels:
        x[name] = df[name].astype(object).where(df[name].notna(), GAP).astype(str)
    near = min(NEIGHBOURS, int(rare.sum()) - 1)
    maker = SMOTENC(levels, sampling_strategy={True: int(rare.sum()) + n}, k_neighbors=near, random_state=seed)
    made = maker.fit_resample(x, rare)[0].iloc[len(x) :]
    out = {name: np.round(made[name] / types[name].step) * types[name].step for name in numbers}
    out |= {name: made[name].where(made[name] != GAP).astype(df[name].dtype) for name in levels}
    return pd.DataFrame(out | {target: yes}, index=made.index)[list(df)].reset_index(drop=True)
