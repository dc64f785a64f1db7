"""Experiments with rows added to real ones: every arm with many seeds, gains with intervals, stored frames.

A *gain* is paired: with added rows less without, of the same seed, so of the same real rows. Its interval is Student's,
and as wide as all gains of a study need together (Bonferroni). It covers the luck of which rows of this data set were
learned from, checked and tested with, and of the models; the seeds share rows, so it says nothing of other data sets.
"""

import dataclasses
import json
import pathlib
import time

import numpy as np

from genlab import files
from genlab.rows import is_whole

NONE = "none"  # the arm that every other is compared with
TEST, CHECK = 0.30, 0.15  # shares of the real rows that are tested with, and that choose the learner's knobs
LEVEL = 0.95
FIRST_SEED = 101  # of a study; choices such as how far to shift an image were made with lower ones
HERE = pathlib.Path(__file__).parent / "studies"


@dataclasses.dataclass(frozen=True)
class Experiment:
    """What is tried with some real rows and a seed.

    Attributes
    ----------
    name : str
    sizes : tuple of int
        Numbers of real rows to learn from.
    once : callable of (rows, seed) -> list of dict
        One dict an arm: "rows", "arm", "added" (times as many rows), "seed", the scores, and "learner" where there are several.
    recipe : dict
        Everything that the numbers depend on, as JSON values.
    """

    name: str
    sizes: tuple
    once: object
    recipe: dict

    def study(self, seeds, *, sizes=None):
        """Every arm with every seed.

        Parameters
        ----------
        seeds : int or sequence of int
            How many, from 101 on; or which.
        sizes : sequence of int, optional
            Other numbers of real rows than the experiment's own.

        Returns
        -------
        Study
        """
        import pandas as pd

        seeds, sizes, start = _seeds(seeds), self.sizes if sizes is None else sizes, time.process_time()
        found, left = [], {}
        for seed in seeds:
            try:
                found += [row for rows in sizes for row in self.once(rows, seed)]
            except ValueError as error:  # such as no rare answer among the few rows of this seed
                left[seed] = str(error)
            except KeyboardInterrupt:
                left[seed] = "interrupted"
                break
        if not found:
            raise ValueError(f"study: no seed came to an end; seed {seeds[0]}: {left[seeds[0]]}")
        return Study(self.name, pd.DataFrame(found), time.process_time() - start, left=left)

    @property
    def digest(self):
        """A short digest of the recipe."""
        return files.digest(self.recipe)

    def stored(self):
        """The study that ships with genlab.

        Raises
        ------
        ValueError
            None is stored, or the recipe has changed since.
        """
        import pandas as pd

        found = files.kept(HERE / f"{self.name}.json", self.digest)
        return Study(self.name, pd.DataFrame(found["rows"], columns=found["columns"]), found["seconds"], found["made"])


@dataclasses.dataclass
class Study:
    """What came out.

    Attributes
    ----------
    name : str
    frame : DataFrame
        A row an arm, a size and a seed.
    seconds : float
        Of the processor.
    made : str
        Where and when a stored study was made; empty for one made here.
    left : dict of int -> str
        Seeds that did not come to an end, and why; after Ctrl-C the last one begun.
    """

    name: str
    frame: object
    seconds: float
    made: str = ""
    left: dict = dataclasses.field(default_factory=dict)

    def means(self, score):
        """The mean of a score over seeds: DataFrame, sizes (and learners) down, arms across."""
        across = self.frame.assign(arm=self.frame["arm"] + [_times(t) for t in self.frame["added"]])
        found = across.groupby([*self._learner, "rows", "arm"], sort=False)[score].mean()
        return found.unstack("arm")

    def gains(self, score):
        """By how much a score is higher with added rows than without.

        Returns
        -------
        DataFrame
            By (learner,) rows, arm and added: "gain", its interval "low" to "high", and "seeds".
        """
        import pandas as pd
        from scipy.stats import t

        same, frame = [*self._learner, "rows", "seed"], self.frame
        without = frame[frame["arm"] == NONE].set_index(same)[score]
        others = frame[frame["arm"] != NONE]
        more = others[score].to_numpy() - without.reindex(pd.MultiIndex.from_frame(others[same])).to_numpy()
        cells = others.assign(more=more).groupby([*self._learner, "rows", "arm", "added"], sort=False)["more"]
        found = cells.agg(gain="mean", spread="std", seeds="count")
        reach = t.ppf(1 - (1 - LEVEL) / 2 / len(found), found["seeds"] - 1) * found["spread"] / found["seeds"] ** 0.5
        found["low"], found["high"] = found["gain"] - reach, found["gain"] + reach
        return found[["gain", "low", "high", "seeds"]]

    def figure(self, score, *, label=""):
        """The gains with their intervals by number of real rows, one picture a learner and number of added rows."""
        from genlab import plots

        gains = self.gains(score).rename_axis(index={"rows": "real rows"})
        panels = gains.groupby([*self._learner, "added"], sort=False)
        many = len(panels) > 1
        drawn = plots.axes(2 if many else 1, rows=-(-len(panels) // 2), size=(4.8, 3.0) if many else (9.0, 3.2))
        drawn = drawn if many else [drawn]
        for ax, (key, part) in zip(drawn, panels, strict=False):
            wide = part.droplevel([*self._learner, "added"]).unstack("arm")
            arms = list(dict.fromkeys(part.index.get_level_values("arm")))
            words = [word for word in (*key[:-1], f"{key[-1]:g}x added" if key[-1] else "") if word]
            plots.intervals(ax, *(wide[end][arms] for end in ("gain", "low", "high")), title=", ".join(words))
            ax.set_ylabel(label or f"gain in {score}")
            ax.set_ylim(1.1 * min(0, gains["low"].min()), 1.1 * max(0, gains["high"].max()))  # one scale for all
        bars, names = drawn[0].get_legend_handles_labels()
        marks = [bar[0] for bar in bars]  # without their whiskers, which would hide the shapes
        drawn[0].figure.legend(marks, names, loc="outside lower center", ncols=8, fontsize=8, frameon=False)
        return drawn[0].figure

    def sentence(self, score, *, unit="points", times=100):
        """What the intervals decide, by arm: with how many real rows it paid, with how many it cost, or neither."""
        gains = self.gains(score)
        by, parts = [*self._learner, "arm"], []
        for key, cells in gains.groupby(by, sort=False):
            told = [_told(word, cells[chosen], unit, times) for word, chosen in _decided(cells).items() if chosen.any()]
            parts.append(f"{', '.join(key)}: " + ("; ".join(told) or "neither paid nor cost beyond chance"))
        parts += [f"seed {seed} is left out: {why}" for seed, why in self.left.items()]
        return "\n".join(parts)

    def save(self, experiment):
        """Write the study to its place in the package; returns the path."""
        import sklearn
        import torch

        releases = f"torch {torch.__version__.partition('+')[0]}, scikit-learn {sklearn.__version__}"
        rows = json.loads(self.frame.to_json(orient="values", double_precision=5))
        how = dict(releases=releases, seconds=round(self.seconds), columns=list(self.frame))
        return files.keep(HERE / f"{self.name}.json", experiment.digest, rows, **how)

    @property
    def _learner(self):
        return ["learner"] if "learner" in self.frame else []


def deal(n, rows, seed):
    """Places of the rows to learn from, to check with and to test with, none of them twice: three arrays.

    With one seed the fewer rows to learn from are among the more, and the others stay.

    Raises
    ------
    ValueError
        So many rows to learn from are not there.
    """
    order = np.random.default_rng([seed, 0]).permutation(n)
    test, check = round(TEST * n), round(CHECK * n)
    most = n - test - check
    if not is_whole(rows, 10, most):
        raise ValueError(
            f"rows={rows!r}: must be a whole number from 10 to {most:,}; {test:,} of {n:,} rows are tested with and {check:,} "
            "choose the learner's knobs"
        )
    return order[test + check :][:rows], order[test : test + check], order[:test]


def _decided(cells):
    """Which cells' intervals lie above 0, and which below."""
    return {"paid": cells["low"] > 0, "cost": cells["high"] < 0}


def _told(word, cells, unit, times):
    """Where it paid or cost, and the largest gain or loss of these, with its interval."""
    sizes = ", ".join(f"{rows:,}" for rows in dict.fromkeys(cells.index.get_level_values("rows")))
    most = cells["gain"].abs().idxmax()
    gain, low, high = times * cells.loc[most, ["gain", "low", "high"]]
    where = dict(zip(cells.index.names, most, strict=True))
    at = f"{where['rows']:,} rows{_times(where['added'])}"
    return f"{word} with {sizes} real rows (most: {gain:+.1f} {unit}, {low:+.1f} to {high:+.1f}, {at})"


def _times(added):
    return f" {added:g}x" if added else ""


def _seeds(seeds):
    if is_whole(seeds, 1, 1024):
        return range(FIRST_SEED, FIRST_SEED + seeds)
    seeds = list(seeds) if isinstance(seeds, list | tuple | range) else []
    if not seeds or not all(is_whole(seed, 0) for seed in seeds):
        raise ValueError(f"seeds={seeds!r}: a number of seeds from 1 to 1,024, or a list of whole numbers")
    return seeds
