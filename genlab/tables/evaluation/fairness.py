"""Whom a table wrongs: rates by group in real and in made rows, and the gaps of a model that learned from either.

A synthetic table inherits what its rows say of groups, and may say it louder (amplify it) or fainter. Three gaps between
groups are set side by side: of the rates in the rows themselves, of how often a model says yes (demographic parity), and
of its errors (equalised odds; Hardt, Price and Srebro, 2016). Both models are judged on the same held-out real rows.

Which gap ought to be small is not a matter of statistics: where rates differ between groups, the last two are both nil
only for a model that says yes to all groups alike whatever is true, one that knows nothing; and a perfect one has no
gap in its errors, and that of the rates in its answers (Kleinberg, Mullainathan and Raghavan, 2017, on kindred limits).
"""

import dataclasses

import numpy as np
import pandas as pd

from genlab.tables.evaluation.chance import generator, wilson
from genlab.tables.evaluation.learners import MOST_ROWS, features, one_thread, seed_of, trees
from genlab.tables.evaluation.scales import LEFT_OUT, on_common_scales
from genlab.tables.evaluation.utility import classes
from genlab.tables.reading.checking import check
from genlab.tables.types import LEVELS, complain

LEAST = 50  # rows that a group needs, in training and in held-out rows
DRAWS = 500  # resamplings behind an interval
REFITS = 8  # models of resampled rows behind it, for what a model makes of the same rows differs by chance too
GAPS = ("rates in the rows", "demographic parity", "equalised odds")


@dataclasses.dataclass(frozen=True)
class Fairness:
    """What :func:`fairness` found.

    Attributes
    ----------
    groups : DataFrame
        By group: its rows ("n train", "n holdout"), the share of yes in training, made and held-out rows with the 95 %
        interval of the last (Wilson), and of the two models how often each says yes, and how often rightly ("hits") and
        wrongly ("false alarms").
    gaps : DataFrame
        By gap: "real", "synthetic", and "more", their difference, with its 95 % interval "low" to "high" (bootstrap, of the
        rows and of the models).
    refused : dict of str -> int
        Groups with too few rows to judge, and how many they have at least on one side.
    yes : str
        What counts as yes.
    """

    groups: pd.DataFrame
    gaps: pd.DataFrame
    refused: dict
    yes: str
    target: object
    sensitive: object

    @property
    def amplified(self):
        """Names of the gaps that are larger from synthetic rows than chance explains."""
        return list(self.gaps.index[self.gaps["low"] > 0])

    def sentence(self):
        """What was found, in words."""
        parts = [
            f"{name} {row.real:.3f} from real rows and {row.synthetic:.3f} from synthetic ones "
            f"({row.more:+.3f}, 95 % interval {row.low:+.3f} to {row.high:+.3f})"
            if np.isfinite(row.more)
            else f"{name} cannot be measured"
            for name, row in self.gaps.iterrows()
        ]
        absent = ", ".join(map(str, self.groups.index[self.groups["fake"].isna()]))
        refused = ", ".join(f"{name} ({n} rows)" for name, n in self.refused.items())
        return (
            f"Gaps in {self.target!r} ({self.yes}) between groups of {self.sensitive!r}: {'; '.join(parts)}. "
            + (f"Amplified: {', '.join(self.amplified)}." if self.amplified else "No gap is amplified beyond chance.")
            + (f" No synthetic row has the group {absent}." if absent else "")
            + (f" Too small to judge: {refused}." if refused else "")
        )


def fairness(train, fake, holdout, *, types, target, sensitive, favourable=None, least=LEAST, random_state=0):
    """Set the gaps between groups in real rows beside those in synthetic ones, and what models make of both.

    Parameters
    ----------
    train, fake, holdout : DataFrame
        Rows learned from, synthetic rows, and real rows that no model saw.
    types : Types
    target : str or int
        What is said yes or no to. Of numbers and ordered answers, yes is above the median of the training rows.
    sensitive : str or int
        The column whose levels are the groups.
    favourable : optional
        The level of the target that counts as yes, for one without order; of two levels the rarer one by default.
    least : int
        Rows that a group needs in training and in held-out rows; smaller ones are refused, and named with their size.
    random_state : None, int, Generator or RandomState

    Returns
    -------
    Fairness

    Raises
    ------
    ValueError
        One message that lists every problem with the columns; or that fewer than two groups are large enough.

    Notes
    -----
    The intervals count the chance of the rows and of the models that learn from them, not of the one that made `fake`.
    The models are boosted trees on all columns but the target. Each says yes to as large a share of the held-out rows
    as its own training rows have, those that it finds most probable.
    """
    rng = generator(random_state)
    for name, frame in {"train": train, "fake": fake, "holdout": holdout}.items():
        complain("fairness", [] if isinstance(frame, pd.DataFrame) and len(frame) else [f"{name}: needs rows"])
    check(train, types, where="fairness")
    _complain(types, target, sensitive, least)
    tables = on_common_scales(types, train, fake=fake, holdout=holdout)
    names = tables["train"].names
    answer, group = names.index(target), names.index(sensitive)
    yes_codes, answered, words = _yes(tables["train"], target, favourable)
    kept, y, g = {}, {}, {}
    levels = [code for code in range(len(tables["train"].scales[group])) if code >= tables["train"].scales[group].gaps]
    for name, table in tables.items():
        there = answered[table.codes[:, answer]] & np.isin(table.codes[:, group], levels)
        kept[name] = table.take(np.flatnonzero(there))
        y[name], g[name] = yes_codes[kept[name].codes[:, answer]], kept[name].codes[:, group]
    sizes = {code: min((g[name] == code).sum() for name in ("train", "holdout")) for code in levels}
    label = tables["train"].scales[group].name
    judged = [code for code in levels if sizes[code] >= least]
    refused = {
        label(code): int(n) for code, n in sizes.items() if n < least and any((g[name] == code).any() for name in g)
    }
    if len(judged) < 2:
        counts = ", ".join(f"{label(code)} {n}" for code, n in sizes.items())
        raise ValueError(
            f"fairness: fewer than two groups of {sensitive!r} have {least} rows in train and in holdout ({counts}): join "
            "groups, take more rows, or lower least"
        )
    said = {}
    for name in ("train", "fake"):
        every, n = np.arange(len(y[name])), len(y[name])
        chosen = [every, *rng.integers(n, size=(REFITS, n))]
        said[name] = [_said(kept[name].take(own), y[name][own], kept["holdout"], target, rng) for own in chosen]
    rows = {label(code): _group(code, y, g, said) for code in judged}
    gaps = _gaps(judged, y, g, said, rng)
    return Fairness(
        pd.DataFrame.from_dict(rows, orient="index").rename_axis(sensitive), gaps, refused, words, target, sensitive
    )


def _complain(types, target, sensitive, least):
    problems = []
    for what, name in (("target", target), ("sensitive", sensitive)):
        if name not in types or types[name].kind in LEFT_OUT:
            there = [n for n, column in types.items() if column.kind not in LEFT_OUT]
            problems.append(f"{what}={name!r}: no such column to compare; there are {', '.join(map(repr, there))}")
    if target == sensitive:
        problems.append(f"target and sensitive are both {target!r}: two different columns")
    if sensitive in types and types[sensitive].kind not in (*LEVELS, *LEFT_OUT):
        kind = types[sensitive].kind
        problems.append(
            f"sensitive={sensitive!r}: a {kind} column has no groups; cut it into levels first (pandas.cut)"
        )
    if isinstance(least, bool) or not isinstance(least, int | np.integer) or least < 1:
        problems.append(f"least={least!r}: must be a whole number of at least 1")
    complain("fairness", problems)


def _yes(train, target, favourable):
    """Which codes of the target are a yes, which are an answer, and what yes is in words."""
    class_of, words = classes(train, target)
    scale = train.scales[train.names.index(target)]
    ordered = scale.column.kind in ("number", "date", "ordinal")
    if favourable is None:
        if len(words) != 2:
            known = ", ".join(words) or "none with enough rows"
            raise ValueError(
                f"fairness: target={target!r} has {len(words)} levels ({known}): say which one counts as yes, favourable="
            )
        return class_of == 1, class_of >= 0, words[1]
    if ordered:
        raise ValueError(
            f"fairness: favourable={favourable!r}: of {scale.column.kind} columns yes is above the median; leave it out"
        )
    codes = [code for code in range(scale.gaps, len(scale)) if scale.name(code) == str(favourable)]
    if not codes:
        there = ", ".join(scale.name(code) for code in range(scale.gaps, len(scale)))
        raise ValueError(f"fairness: favourable={favourable!r}: {target!r} has the levels {there}")
    yes = np.zeros(len(scale), dtype=bool)
    yes[codes] = True
    return yes, np.arange(len(scale)) >= scale.gaps, str(favourable)


def _said(table, y, holdout, target, rng):
    """To which held-out rows a model that learned from `table` says yes."""
    rows = np.sort(rng.choice(len(y), min(MOST_ROWS, len(y)), replace=False))
    table, y, seed, chance = table.take(rows), y[rows], seed_of(rng), np.zeros(len(holdout))
    if y.any() and not y.all():
        (x, x_test), nominal = features([table, holdout], skip=[target])
        with one_thread():
            known, chances = trees(x, y, x_test, nominal, seed)
        chance = chances[:, list(known).index(True)]
    order = np.lexsort([rng.random(len(chance)), -chance])  # equally probable ones in random order
    said = np.zeros(len(chance), dtype=bool)
    said[order[: round(y.mean() * len(chance))]] = True
    return said


def _group(code, y, g, said):
    """What stands in the table of groups for one of them."""
    own = {name: g[name] == code for name in g}
    truth = y["holdout"][own["holdout"]]
    low, high = wilson(truth.mean(), len(truth))
    row = {"n train": int(own["train"].sum()), "n holdout": len(truth)}
    row |= {name: y[name][own[name]].mean() if own[name].any() else np.nan for name in ("train", "fake")}
    row |= {"holdout": truth.mean(), "low": low, "high": high}
    for name, source in (("train", "real"), ("fake", "synthetic")):
        yes = said[name][0][own["holdout"]]
        row |= {
            f"{source}: says yes": yes.mean(),
            f"{source}: hits": yes[truth].mean() if truth.any() else np.nan,
            f"{source}: false alarms": yes[~truth].mean() if not truth.all() else np.nan,
        }
    return row


def _gaps(judged, y, g, said, rng):
    """The table of gaps: of both sources, their difference, and its interval by resampling rows within groups and models."""
    rows = {name: [np.flatnonzero(g[name] == code) for code in judged] for name in g}

    def found(chosen, fits=(0, 0)):
        rates = {
            name: _spread([y[name][own].mean() if len(own) else np.nan for own in chosen[name]])
            for name in ("train", "fake")
        }
        out = [(rates["train"], rates["fake"])]
        parts = {"train": [], "fake": []}
        for own in chosen["holdout"]:
            truth = y["holdout"][own]
            for name, fit in zip(parts, fits, strict=True):
                yes = said[name][fit][own]
                hits = yes[truth].mean() if truth.any() else np.nan
                parts[name].append((yes.mean(), hits, yes[~truth].mean() if not truth.all() else np.nan))
        spread = {name: [_spread(column) for column in zip(*part, strict=True)] for name, part in parts.items()}
        out.append(tuple(spread[name][0] for name in parts))
        out.append(tuple(np.max(spread[name][1:]) for name in parts))
        return np.array(out)  # (gaps, sources)

    value = found(rows)
    draws = []
    for _ in range(DRAWS):
        again = {
            name: [own[rng.integers(len(own), size=len(own))] if len(own) else own for own in parts]
            for name, parts in rows.items()
        }
        draws.append(np.subtract(*found(again, 1 + rng.integers(REFITS, size=2)).T[::-1]))
    more = value[:, 1] - value[:, 0]
    known = np.isfinite(more)
    low, high = np.full((2, len(more)), np.nan)
    if known.any():  # about the mean: gaps lean upward with every resampling
        spread = np.array(draws)[:, known] - np.nanmean(np.array(draws)[:, known], axis=0)
        low[known], high[known] = more[known] - np.nanquantile(spread, [0.975, 0.025], axis=0)
    table = pd.DataFrame(
        {"real": value[:, 0], "synthetic": value[:, 1], "more": more, "low": low, "high": high}, index=list(GAPS)
    )
    return table.rename_axis("gap")


def _spread(rates):
    """From the lowest rate to the highest; unknown where that of a group is, for that one may be the highest."""
    return np.max(rates) - np.min(rates)
