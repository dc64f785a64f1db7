"""The measuring of a report: the tables at equal size, each score with its references, and where to look further."""

import numpy as np
import pandas as pd

from genlab.tables.evaluation import fidelity
from genlab.tables.evaluation.attacks import attack
from genlab.tables.evaluation.bins import distributions
from genlab.tables.evaluation.distance import distance_share
from genlab.tables.evaluation.meanings import MEANINGS
from genlab.tables.evaluation.questions import Questions, same_answers
from genlab.tables.evaluation.scales import LEFT_OUT, hashable, on_common_scales
from genlab.tables.evaluation.utility import Task, train_on
from genlab.tables.types import complain

SMALL = 500  # rows below which a report says that its intervals are wide
SHOWN = 10  # rows that a value needs to be shown by itself
COLUMNS = ["section", "value", "low", "high", "floor", "ceiling", "copy", "ideal", "meaning", "blind"]


class Bench:
    """The tables to compare, on common scales and at equal size, and what was found so far."""

    def __init__(self, train, fake, holdout, types, rng):
        train, fake = train.reset_index(drop=True), hashable(fake).reset_index(drop=True)
        holdout = None if holdout is None else holdout.reset_index(drop=True)
        self.frames, self.types, self.rng = dict(train=train, fake=fake, holdout=holdout), types, rng
        given = dict(fake=fake) | ({} if holdout is None else dict(holdout=holdout))
        coded = on_common_scales(types, train, **given)
        self.train, self.all_fake = coded["train"], coded["fake"]
        self.n = min(map(len, coded.values()))
        self.fake = coded["fake"].few(self.n, rng)
        self.holdout = coded["holdout"].few(self.n, rng) if "holdout" in coded else None
        self.copy = self.train.few(self.n, rng)
        self.floor = self.copy.shuffled(rng)
        self.scores, self.attacks, self.answers, self.known = {}, pd.DataFrame(), pd.DataFrame(), {}
        self.notes = []

    def take_over(self, report, target):
        """The references of another report, if it is about the same rows and of the same size."""
        facts = report.facts
        mine = dict(
            n_train=len(self.train),
            n_holdout=0 if self.frames["holdout"] is None else len(self.frames["holdout"]),
            rows_compared=self.n,
            target=target,
        )
        problems = [
            f"{name} is {facts.get(name)!r} there and {value!r} here"
            for name, value in mine.items()
            if facts.get(name) != value
        ]
        complain("evaluate, references", problems)
        self.known = report.scores[["floor", "ceiling", "copy"]].T.to_dict()

    def add(self, name, measure, floor=None, ceiling=None, copy=None):
        """Put down one score with its references; nothing where there is nothing to measure.

        Each is a function of a generator, with a stream of its own, so that references taken over change nothing else.
        """
        streams = map(np.random.default_rng, self.rng.integers(2**63, size=4))
        (_, first), *rest = zip((measure, floor, ceiling, copy), streams, strict=True)
        score = measure(first)
        if not np.isfinite(score.value):
            return
        known = self.known.get(name)
        beside = list(known.values()) if known else [np.nan if f is None else float(f(stream)) for f, stream in rest]
        section, ideal, meaning, blind = MEANINGS[name]
        self.scores[name] = (section, *score, *beside, ideal, meaning, "; ".join(blind) or "none of these")

    # -- fidelity ------------------------------------------------------------------------------------------------------

    def fidelity(self):
        """Scores against the training rows, the table of columns and the square of pairs."""
        found = {}
        for name, measure in FIDELITY.items():
            found[name] = measure(self.train, self.fake)
            of = lambda table, measure=measure: None if table is None else lambda _: measure(self.train, table)[0].value
            self.add(name, lambda _, name=name: found[name][0], of(self.floor), of(self.holdout), of(self.copy))
        self.pairs = found["pair trends"][1]
        self.columns = _columns(self.train, self.fake, found)
        self.shapes = distributions(self.frames["train"], self.frames["fake"], self.types)
        self.judged = {}
        real = self.copy if self.holdout is None else self.holdout
        fresh = None if self.holdout is None else self.judge("holdout")
        copy = self.judge("copy") if self.holdout is None else fresh  # real beside held-out rows: fresh to each other
        judge = lambda rng: fidelity.discriminator(real, self.fake, rng)
        self.add("discriminator AUC", judge, self.judge("floor"), fresh, copy)

    def judge(self, name):
        """How well training rows are told from another table's, found once."""

        def auc(rng):
            if name not in self.judged:
                self.judged[name] = fidelity.discriminator(self.copy, getattr(self, name), rng).value
            return self.judged[name]

        return auc

    # -- utility -------------------------------------------------------------------------------------------------------

    def utility(self, target):
        """Learning and asking, where there is a target."""
        if target is None:
            return
        if self.holdout is not None:
            self._learn(target)
        asked = Questions(self.copy, target)
        others = {} if self.holdout is None else dict(holdout=self.holdout)
        tables = dict(real=self.copy, fake=self.fake, **others)
        score, self.answers = same_answers(asked, tables, self.rng)
        of = lambda table: None if table is None else lambda _: asked.overlap(table)
        self.add("same answers", lambda _: score, of(self.floor), of(self.holdout), of(self.copy))

    def _learn(self, target):
        task = Task(self.copy, self.holdout, target, np.random.default_rng(self.rng.integers(2**63)))
        if not task.scored:
            self.notes.append(f"target={target!r}: too few rows of two answers or more; no learner was trained")
            return
        real = task.learn(self.copy)
        area, ratio = train_on(task, self.fake, real)
        found = {}

        def once(name, learn):
            def areas(_):
                if name not in found:
                    found[name] = learn()
                return found[name]

            return areas

        floor = once("floor", lambda: task.learn(self.floor)[0])
        fresh = once("fresh", lambda: task.cross(self.holdout))
        mean = lambda areas, by=1.0: lambda rng: (areas(rng) / by).mean()
        copy = lambda _: real[0]
        self.add("train synthetic, test real", lambda _: area, mean(floor), mean(fresh), mean(copy))
        of_real = (mean(areas, real[0]) for areas in (floor, fresh, copy))
        self.add("share of training on real", lambda _: ratio, *of_real)

    # -- leaks ---------------------------------------------------------------------------------------------------------

    def leaks(self, target, keys):
        """Signs of copying and attacks, where rows were held out."""
        train, fake, holdout = self.frames.values()
        if holdout is None:
            return
        judge = lambda rng: fidelity.discriminator(self.copy, self.fake, rng)
        self.add("discriminator AUC, training rows", judge, *map(self.judge, ("floor", "holdout", "copy")))
        shared = [
            name for name, column in self.types.items() if name in fake and column.kind not in (*LEFT_OUT, "constant")
        ]
        if not shared:
            return
        near = lambda *tables, rng: distance_share(*tables, types=self.types, random_state=rng)

        def fresh(rng):
            """Half of the held-out rows in place of the synthetic ones, between equally many on both sides."""
            half = min(len(train), len(holdout)) // 2
            rows, others = rng.permutation(len(holdout)), rng.permutation(len(train))[:half]
            tables = train.iloc[others], holdout.iloc[rows[:half]], holdout.iloc[rows[half : 2 * half]]
            return near(*tables, rng=rng).value

        self.add(
            "distance share",
            lambda rng: fidelity.Score(*near(train, holdout, fake, rng=rng)),
            lambda rng: near(train, holdout, _shuffled(train, rng), rng=rng).value,
            fresh,
            lambda rng: near(train, holdout, train, rng=rng).value,
        )
        wanted = target if target in shared else None
        known = [name for name in keys if name in shared and name != wanted]
        self.attacks = attack(
            train, fake, holdout, types=self.types, keys=known or None, target=wanted, random_state=self.rng
        )

    # -- what a reader should look at ------------------------------------------------------------------------------------

    def warnings(self):
        """Sentences about the synthetic rows' cells."""
        found = []
        for j, scale in enumerate(self.all_fake.scales):
            real, made, name = self.train.shares(j), self.all_fake.shares(j), scale.column.name
            if scale.column.kind in ("number", "date"):
                odd = made[len(scale.atoms) - 1]
                found += (
                    [f"{name!r}: {100 * odd:.1f} % of the synthetic cells are no {scale.column.kind}"]
                    if odd > 0
                    else []
                )
            else:
                odd = made[scale.gaps :][real[scale.gaps :] == 0].sum()
                found += (
                    [f"{name!r}: {100 * odd:.1f} % of the synthetic cells hold levels that no training row has"]
                    if odd > 0
                    else []
                )
            if name in self.frames["fake"] and made[0] == 1 and real[0] < 1:
                found.append(f"{name!r}: all synthetic cells are missing")
        if self.n < SMALL:
            found.append(f"{self.n} rows were compared: the intervals are wide, and small differences cannot be seen")
        return found


FIDELITY = {
    "column shapes": fidelity.shapes,
    "pair trends": fidelity.pairs,
    "missingness": fidelity.missingness,
    "rare levels": fidelity.rare_levels,
    "coverage": fidelity.coverage,
}


def _columns(train, fake, found):
    """One row a column: its kind, scores, missing rates, levels, and the bin that differs most."""
    rare, rows = found["rare levels"][1], {}
    for j, scale in enumerate(train.scales):
        name, levels = scale.column.name, slice(1, None)
        real, made = train.shares(j), fake.shares(j)
        share = pd.DataFrame({"real": _binned(scale, real), "fake": _binned(scale, made)}, index=range(len(scale.bins)))
        worst = (share["real"] - share["fake"]).abs().idxmax()
        by_level = scale.column.kind not in ("number", "date")
        kept = rare.loc[rare["column"] == name, "kept"]
        rows[name] = {
            "kind": scale.column.kind,
            "shape": found["column shapes"][1][name],
            "missing real": real[0],
            "missing fake": made[0],
            "missingness": found["missingness"][1][name],
            "levels": int((real[levels] > 0).sum()) if by_level else None,
            "levels lost": int(((real[levels] > 0) & (made[levels] == 0)).sum()) if by_level else None,
            "rare levels kept": f"{int((kept > 0).sum())} of {len(kept)}" if len(kept) else "",
            "coverage": found["coverage"][1][name],
            "worst bin": scale.bins[worst] if share["real"][worst] * len(train) >= SHOWN else "a rare one",
            "worst real": share["real"][worst],
            "worst fake": share["fake"][worst],
        }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.astype({"levels": "Int64", "levels lost": "Int64"})


def _binned(scale, shares):
    return np.bincount(scale.bin_of, weights=shares, minlength=len(scale.bins))


def _shuffled(frame, rng):
    """A frame with each column in an order of its own."""
    return pd.DataFrame({name: frame[name].iloc[rng.permutation(len(frame))].array for name in frame})
