"""Single attacks on a fake table by name, and the textbook measures of a real one; all at once: ``tables.attack``.

Each attack has a control, the same attack on rows that were never learned from, and a naive guesser, who knows each
column but not how they go together. What is beyond both is due to the rows of the training set.
"""

import dataclasses

import pandas as pd

from genlab.tables.evaluation import attacks
from genlab.tables.types import complain


@dataclasses.dataclass(frozen=True)
class Attack:
    """What one attack found.

    Attributes
    ----------
    name : str
    tries : int
    rate : float
        Share of the tries on training rows that were right; NaN without tries.
    interval : tuple of float
        Of the rate, 95 % (Wilson).
    control : float
        The rate on held-out rows.
    naive : float
        The rate of guessing without knowing how columns go together.
    risk, risk_interval : float, tuple of float
        (rate - control) / (1 - control), 95 %.
    leak : bool
        Whether rate beyond control is more than chance explains (at most 5 % false alarms).
    """

    name: str
    tries: int
    rate: float
    interval: tuple
    control: float
    naive: float
    risk: float
    risk_interval: tuple
    leak: bool
    said: str = dataclasses.field(repr=False)

    def sentence(self):
        """What was found, in words."""
        return self.said


def replicated_uniques(train, fake, holdout, *, types, keys=None, random_state=0):
    """Training rows alone with their answers to `keys`, and found in the fake table (Raab et al., 2024): an :class:`Attack`."""
    return _one("replicated uniques", train, fake, holdout, types=types, keys=keys, random_state=random_state)


def singling_out(train, fake, holdout, *, types, columns="several", n=1000, random_state=0):
    """Descriptions made from the fake table that fit one training row alone (Giomi et al., 2023): an :class:`Attack`.

    Parameters
    ----------
    columns : "one" or "several"
        That a description names.
    n : int
        Most tries; here and below.
    """
    complain("singling_out", [] if columns in ("one", "several") else [f"columns={columns!r}: 'one' or 'several'"])
    name = f"singling out by {columns} column{'s' * (columns == 'several')}"
    return _one(name, train, fake, holdout, types=types, tries=n, random_state=random_state)


def attribute_inference(train, fake, holdout, *, types, keys=None, target=None, n=1000, random_state=0):
    """A secret of a real person, guessed from the fake rows nearest on `keys` (Giomi et al., 2023): an :class:`Attack`."""
    more = dict(keys=keys, target=target, tries=n, random_state=random_state)
    return _one("attribute inference", train, fake, holdout, types=types, **more)


def linkability(train, fake, holdout, *, types, keys=None, n=1000, random_state=0):
    """Two files about the same persons, put together by the fake table (Giomi et al., 2023): an :class:`Attack`.

    Parameters
    ----------
    keys : list, optional
        The columns of one file; the other has the rest. By default every other column.
    """
    more = dict(keys=keys, tries=n, random_state=random_state)
    return _one("linkability", train, fake, holdout, types=types, **more)


def membership(train, fake, holdout, *, types, random_state=0):
    """Who took part, by the ratio of two densities (van Breugel et al., 2023): an :class:`Attack`.

    Named are the candidates around which fake rows lie denser than real ones lead to expect; of as many training rows
    as held-out ones, so that a coin is right in half of the tries.
    """
    return _one("membership inference", train, fake, holdout, types=types, random_state=random_state)


def _one(name, train, fake, holdout, **more):
    row = attacks.attack(train, fake, holdout, only=[name], **more).loc[name]
    pair = lambda low, high: (float(row[low]), float(row[high]))
    rates = (float(row["rate"]), pair("low", "high"), float(row["control"]), float(row["naive"]))
    risk = (float(row["risk"]), pair("risk_low", "risk_high"), bool(row["leak"]))
    return Attack(name, int(row["tries"]), *rates, *risk, row["sentence"])


@dataclasses.dataclass(frozen=True)
class Anonymity:
    """What :func:`anonymity` found.

    Attributes
    ----------
    k : int
        Rows of the smallest group of equal answers to the keys (Samarati and Sweeney, 1998).
    l : int or None
        Least number of different answers to `sensitive` in a group (Machanavajjhala et al., 2007).
    groups : DataFrame
        The groups, smallest first: the keys, "rows", and "answers" (different ones to `sensitive`).
    alone : float
        Share of the rows that are a group of their own.
    """

    k: int
    l: int | None  # noqa: E741
    groups: pd.DataFrame
    alone: float

    def sentence(self):
        """What was found, in words."""
        return (
            f"k = {self.k}: the smallest of {len(self.groups):,} groups with equal keys has {self.k} row{'s' * (self.k != 1)}, "
            f"and {100 * self.alone:.1f} % of the rows are alone."
            + (
                ""
                if self.l is None
                else f" l = {self.l}: so many different answers to the secret in a group, at least."
            )
        )


def anonymity(df, keys, sensitive=None):
    """The textbook measures of a real table on chosen columns: k-anonymity and l-diversity.

    They say how well persons hide among those with the same keys in *this* table. They are no attack, say nothing of
    columns that are not keys, and a synthetic table can have a small k without a single real person in it.

    Parameters
    ----------
    df : DataFrame
    keys : list
        Columns that an attacker may know of a person; a gap counts as an answer.
    sensitive : optional
        The secret.

    Returns
    -------
    Anonymity

    Raises
    ------
    ValueError
        One message with all problems: an empty table, no keys, columns that are not there.
    """
    keys = [keys] if isinstance(keys, str | int) else list(keys)
    problems = [] if len(df) else ["df has no rows"]
    problems += [] if keys else ["keys: name at least one column"]
    problems += [
        f"no column {name!r}" for name in [*keys, *([] if sensitive is None else [sensitive])] if name not in df
    ]
    problems += [f"sensitive={sensitive!r} is a key as well"] if sensitive in keys else []
    complain("anonymity", problems)
    group = df.groupby(keys, dropna=False, observed=True, sort=False)
    groups = group.size().rename("rows").to_frame()
    if sensitive is not None:
        groups["answers"] = group[sensitive].nunique(dropna=False)
    groups = groups.sort_values("rows", kind="stable").reset_index()
    least = None if sensitive is None else int(groups["answers"].min())
    return Anonymity(int(groups["rows"].min()), least, groups, float((groups["rows"] == 1).sum() / len(df)))
