"""A rare answer: what weights, SMOTE and rows made by condition do to finding it, and to whom it is not found of.

Every arm brings the rare answer to the same shares of the rows that are learned from, by weights or by rows, and takes the
share that is better on the rows to check with. What is scored is the order in which persons are put, by their chance of
the rare answer, on real test rows in their natural shares: added rows move the chances themselves, and so every result at
a fixed chance, which a moved threshold would have done as well.
"""

import numpy as np
import pandas as pd

from genlab.augment.between import missing, smote
from genlab.augment.learners import LINEAR, TREES, fitted, known
from genlab.augment.rows import NAMES, answered, fingerprint, target_problems
from genlab.augment.study import NONE, Experiment, deal
from genlab.tables.synthesis.synthesizer import Synthesizer
from genlab.tables.types import LEVELS, complain

SHARES = (0.2, 0.5)  # of the rare answer among the rows that are learned from
METHODS = ("trees", "vae", "autoregressive")
SMOTE, WEIGHTS, BY_GROUP = "SMOTE-NC", "weights", "trees, by group"
OTHER, YES = "0", "1"


def of_rare(df, types, target, yes, *, groups=None, sizes=(500, 2000), methods=METHODS, name="own"):
    """How well a rare answer is found in real rows, by what was done to the rows learned from.

    Parameters
    ----------
    df : DataFrame
    types : Types
    target, yes : str
        The column and its rare level. Rows without an answer to the column are left out.
    groups : str, optional
        A column with levels; the gap is between its two commonest.
    sizes : tuple of int
        Real rows to learn from.
    methods : tuple of str
        Of :class:`genlab.tables.Synthesizer`, asked for rows by ``where={target: yes}``.

    Returns
    -------
    Experiment
        Its scores: "precision" (average precision), "recall" (the largest at which the precision is twice the share of the
        rare answer), "found" (recall among as many persons as twice that share, those with the highest chances), "gap"
        (of what is found, between the group in which the answer is commoner and the other: below 0 the other is found
        more often), and what a model says by itself: "says yes" (to what share, at a threshold of one half) and "said"
        (its mean chance).

    Raises
    ------
    ValueError
        One message that lists what is wrong with the columns.
    """
    problems = target_problems(df, types, target)
    if not problems and yes not in types[target].levels:
        problems.append(f"yes={yes!r}: {target!r} has the levels {', '.join(map(repr, types[target].levels))}")
    if groups is not None and (groups not in types or types[groups].kind not in LEVELS or groups == target):
        problems.append(f"groups={groups!r}: must be another column with levels, or None")
    complain("augment", problems)
    df = answered(df, types, target)
    pair = () if groups is None else _pair(df, target, yes, groups)
    df = df if groups is None else df[df[groups].isin(pair)]
    recipe = dict(rows=fingerprint(df), target=[str(target), str(yes), str(groups)], sizes=sizes, methods=methods)
    once = lambda rows, seed: _once(df, types, target, yes, groups, pair, rows, seed, methods)
    return Experiment(name, tuple(sizes), once, recipe | dict(shares=SHARES, linear=LINEAR, trees=TREES))


def lacking(rare, rows, share):
    """How many rare rows must be added to `rows` rows with `rare` rare ones, for that share."""
    return max(0, round((share * rows - rare) / (1 - share)))


def _pair(df, target, yes, groups):
    """The two commonest groups, first the one in which the answer is commoner."""
    share = (df[target] == yes).groupby(df[groups].astype(object)).mean()
    return tuple(share[df[groups].value_counts().index[:2]].sort_values(ascending=False, kind="stable").index)


def _once(df, types, target, yes, groups, pair, rows, seed, methods):
    few, check, test = (df.iloc[own] for own in deal(len(df), rows, seed))
    rare = (few[target] == yes).to_numpy()
    if rare.sum() < 2:
        raise ValueError(f"{target!r} is {yes!r} in {rare.sum()} of {rows} rows to learn from: at least 2 are needed")
    counts = [n for share in SHARES if (n := lacking(int(rare.sum()), rows, share))]
    if not counts:
        raise ValueError(
            f"{target!r} is {yes!r} in {rare.sum()} of {rows} rows to learn from, which is half or more: not rare"
        )
    found = []
    for arm, made in (
        {NONE: None, WEIGHTS: None} | _made(few, types, target, yes, groups, counts, seed, methods)
    ).items():
        tried = [(few, None)]
        if arm == WEIGHTS:
            tried = [(few, np.where(rare, 1 + n / rare.sum(), 1.0)) for n in counts]
        elif arm != NONE:
            tried = [(pd.concat([few, part]), None) for part in made]
        said = [chances(types, target, yes, *one, check, test, seed=seed) for one in tried]
        _, best = max(said, key=lambda one: one[0])
        found.append(dict(rows=rows, arm=arm, added=0, seed=seed) | _scores(best, test, target, yes, groups, pair))
    return found


def _made(few, types, target, yes, groups, counts, seed, methods):
    """By arm, the rare rows to add for each share."""
    rng, rare = np.random.default_rng([seed, 1]), few[few[target] == yes]
    arms = {"repeated": [rare.iloc[rng.integers(len(rare), size=n)] for n in counts]}
    if missing() is None:
        arms[SMOTE] = [smote(few, types, target, yes, n, seed) for n in counts]
    for method in methods:
        model = Synthesizer(method, random_state=seed).fit(few, types=types)
        arms[NAMES.get(method, method)] = [model.sample(n, where={target: yes}) for n in counts]
        if method == "trees" and groups is not None:
            arms[BY_GROUP] = [_by_group(model, few, target, yes, groups, n) for n in counts]
    return arms


def _by_group(model, few, target, yes, groups, n):
    """n rare rows, made so that the rare answer becomes as common in both groups."""
    size = few[groups].value_counts()
    size = size[size > 0]
    rare = few.loc[few[target] == yes, groups].value_counts().reindex(size.index, fill_value=0)
    wanted = (size / size.sum() * (rare.sum() + n) - rare).clip(lower=0)
    wanted = (wanted / wanted.sum() * n).round().astype(int)
    parts = [model.sample(m, where={target: yes, groups: group}) for group, m in wanted.items() if m]
    return pd.concat(parts, ignore_index=True)


def chances(types, target, yes, learn, weights, check, test, *, seed):
    """What the learner and knob that are best on the rows to check with say of the test rows.

    Parameters
    ----------
    types : Types
    target, yes : str
    learn, check, test : DataFrame
    weights : ndarray, shape (rows to learn from,), optional
    seed : int

    Returns
    -------
    float
        Average precision on the rows to check with.
    ndarray, shape (test rows,)
        Chance of `yes`.
    """
    from sklearn.metrics import average_precision_score

    binary = [frame.assign(**{target: np.where(frame[target] == yes, YES, OTHER)}) for frame in (learn, check, test)]
    k = known(types, target, *binary)
    said = [[p[:, 1] for p in told] for _, *told in fitted(k, seed, weights)]
    scores = [average_precision_score(k.y[1] == YES, on_check) for on_check, _ in said]
    best = int(np.argmax(scores))
    return scores[best], said[best][1]


def _scores(chance, test, target, yes, groups, pair):
    """What is scored of the chances given to the test rows."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    truth = (test[target] == yes).to_numpy()
    wanted = 2 * truth.mean()
    precision, recall, _ = precision_recall_curve(truth, chance)
    called = np.zeros(len(truth), dtype=bool)
    called[np.argsort(-chance, kind="stable")[: round(wanted * len(truth))]] = True
    found = dict(precision=average_precision_score(truth, chance), recall=recall[precision >= wanted].max())
    found |= {"found": called[truth].mean(), "says yes": (chance > 0.5).mean(), "said": chance.mean()}
    own = [called[truth & (test[groups] == group).to_numpy()].mean() for group in pair]
    found |= {f"found: {group}": share for group, share in zip(pair, own, strict=True)}
    found |= {"gap": own[0] - own[1]} if own else {}
    return {name: float(value) for name, value in found.items()}
