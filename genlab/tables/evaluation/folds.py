"""How good a method is on a small table: every row is held out once, and the final model may learn from all of them.

With a few hundred rows, half of them are little to learn from and the other half little to measure with. So the rows are
cut into folds; for each a model learns from the others and its table is evaluated on the fold. The scores are those of
the *method*: for the model that is then fitted to all rows, none is left to measure with.
"""

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import KFold

from genlab.tables.evaluation.attacks import row_of
from genlab.tables.evaluation.chance import generator
from genlab.tables.evaluation.evaluation import evaluate
from genlab.tables.evaluation.meanings import verdicts
from genlab.tables.evaluation.outcome import Report
from genlab.tables.types import complain


def cross_evaluate(synthesizer, df, *, types, folds=5, target=None, keys=None, random_state=0, progress=None):
    """Evaluate a method by folds; parameters not named here are those of :func:`genlab.tables.evaluate`.

    Parameters
    ----------
    synthesizer : Synthesizer
        Cloned for each fold, so it need not be fitted and is not changed.
    df : DataFrame
    types : Types
    folds : int
        From 2 to 20.
    progress : callable, optional
        ``progress(done, folds)`` after each fold.

    Returns
    -------
    Report
        Scores are means over the folds, with intervals as wide as those of one fold, since folds share rows. Tries of
        the attacks are added up; a leak is one that some fold finds at a level divided by their number (Bonferroni).

    Raises
    ------
    ValueError
        One message that lists everything wrong.
    """
    whole = isinstance(folds, int | np.integer) and not isinstance(folds, bool) and 2 <= folds <= 20
    problems = [] if whole else [f"folds={folds!r}: must be a whole number from 2 to 20"]
    if whole and len(df) < 20 * folds:
        problems.append(f"{len(df)} rows are too few for {folds} folds: 20 rows each are needed; use fewer folds")
    complain("cross_evaluate", problems)
    rng, reports = generator(random_state), []
    cuts = KFold(folds, shuffle=True, random_state=int(rng.integers(2**31))).split(df)
    for done, (learned, held) in enumerate(cuts, start=1):
        train, holdout = df.iloc[learned], df.iloc[held]
        model = clone(synthesizer).set_params(random_state=int(rng.integers(2**31))).fit(train, types=types)
        reports.append(
            evaluate(
                train, model.sample(len(train)), holdout=holdout, target=target, keys=keys, types=types,
                random_state=int(rng.integers(2**31)),
            )
        )  # fmt: skip
        if progress is not None:
            progress(done, folds)
    return _pooled(reports, df, target, keys)


def _pooled(reports, df, target, keys):
    """One Report of several."""
    tables = {name: _mean([getattr(r, name) for r in reports]) for name in ("scores", "columns", "pairs", "answers")}
    attacks = _added([report.attacks for report in reports])
    facts = dict(reports[0].facts) | dict(
        n_train=len(df) - len(df) // len(reports), n_holdout=len(df) // len(reports), folds=len(reports),
        seconds={name: round(sum(r.facts["seconds"][name] for r in reports), 2) for name in reports[0].facts["seconds"]},
    )  # fmt: skip
    warnings = list(dict.fromkeys(warning for report in reports for warning in report.warnings))
    told = verdicts(tables["scores"], attacks, target, measured=True)
    return Report(**tables, attacks=attacks, facts=facts, warnings=warnings, verdicts=told, shapes=reports[0].shapes)


def _mean(tables):
    """Numbers averaged over tables of one kind, row by row; what is no number as the first of them has it."""
    together = pd.concat(tables)
    if not len(together):
        return tables[0]
    rows = together.groupby(level=0, sort=False)
    numbers = together.select_dtypes(["number"]).columns
    return rows.first().assign(**{name: rows[name].mean() for name in numbers})[list(tables[0].columns)]


def _added(attacks):
    """The attacks of several folds as one table: tries added up, rates weighted by them."""
    together = pd.concat(attacks)
    rows = []
    for name, found in together.groupby(level=0, sort=False):
        tries = found["tries"].sum()
        weights = found["tries"] if tries else None
        rate, control, naive = (np.average(found[of].fillna(0), weights=weights) for of in ("rate", "control", "naive"))
        known = (found["control_low"] == found["control_high"]).all()
        chance = min(1.0, len(found) * found["chance"].min())
        rows.append(row_of(name, rate, tries, control, np.inf if known else tries, naive, chance))
    return pd.DataFrame(rows).set_index("attack") if rows else attacks[0]
