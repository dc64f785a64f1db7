"""Every arm of a failure with many seeds: a row a run, rates with intervals, a figure, a sentence."""

import dataclasses
import time

from genlab import parts, training, work
from genlab.failures.record import CAUSE, HEALTHY
from genlab.rows import is_whole

FIRST_SEED = 1000  # limits are set by lower seeds, and judged by these
SPREAD = 1000  # from the least to the most of a measure that is drawn on a logarithmic axis
CURED = 7 / 8  # share of the seeds that a remedy must bring back


@dataclasses.dataclass
class Study:
    """What a study found.

    Attributes
    ----------
    failure : Failure
    frame : DataFrame
        A row a run: "arm", "kind", "seed", the measures, and whether it "failed".
    steps : int
    seconds : dict of arm -> float
        Wall time of all its seeds.
    stopped : str or None
        Why arms are missing.
    made : str
        Where and when a stored study was made; empty for one made here.
    """

    failure: object
    frame: object
    steps: int
    seconds: dict
    stopped: str | None = None
    made: str = ""

    @property
    def rates(self):
        """DataFrame by arm: kind, seeds, how many failed, the share, and its 95 % interval (Wilson, 1927)."""
        import pandas as pd
        from scipy.stats import binomtest

        rows = {}
        for arm, runs in self.frame.groupby("arm", sort=False):
            k, n = int(runs.failed.sum()), len(runs)
            low, high = binomtest(k, n).proportion_ci(method="wilson")
            rows[arm] = dict(kind=runs.kind.iloc[0], seeds=n, failed=k, share=k / n, low=float(low), high=float(high))
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("arm")

    @property
    def cures(self):
        """Names of the remedies after which at least seven of eight seeds are healthy."""
        rates = self.rates
        remedies = rates[~rates.kind.isin([HEALTHY, CAUSE])]
        return [arm for arm, row in remedies.iterrows() if 1 - row.share >= CURED]

    @property
    def shown(self):
        """Whether at least seven of eight seeds fail by the cause, and are healthy without it."""
        share = self.rates.set_index("kind").share
        return bool(share[CAUSE] >= CURED and 1 - share[HEALTHY] >= CURED)

    def table(self):
        """DataFrame of the remedies: what each changes and why, how many seeds are healthy, medians, and the verdict."""
        import pandas as pd

        rates, rows = self.rates, {}
        middle = self.frame.drop(columns=["kind", "seed", "failed"]).groupby("arm").median()
        for arm in [arm for arm in self.failure.remedies if arm.name in rates.index]:
            row, cures = rates.loc[arm.name], arm.name in self.cures
            rows[arm.name] = {
                "changes": ", ".join(f"{knob}={value}" for knob, value in arm.changes.items()),
                "idea": arm.text,
                "healthy": f"{row.seeds - row.failed} of {row.seeds}",
                "95 % interval": f"{1 - row.high:.0%} to {1 - row.low:.0%}",
                **middle.loc[arm.name].map("{:.3g}".format),
                "verdict": "cures" if cures else "does not cure",
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("remedy")

    def sentence(self):
        """What was found, in words."""
        rates, parts = self.rates, []
        for arm, row in rates.iterrows():
            cured = "" if row.kind in (HEALTHY, CAUSE) else " (cures)" if arm in self.cures else " (does not cure)"
            parts.append(f"{arm} failed with {row.failed} of {row.seeds} seeds{cured}")
        limits = " and ".join(f"{name} {limit}" for name, limit in self.failure.limits.items())
        return f"{self.failure.title}, {self.steps:,} steps, healthy means {limits}:\n  " + ";\n  ".join(parts) + "."

    def figure(self):
        """A dot a run for each measure that is judged, with its limit; arms below each other."""
        from genlab import plots

        limits = self.failure.limits
        drawn = plots.axes(len(limits), size=(4.6, 0.5 + 0.42 * self.frame.arm.nunique()))
        for ax, (name, limit) in zip(drawn if len(limits) > 1 else [drawn], limits.items(), strict=True):
            groups = {arm: runs[name] for arm, runs in self.frame.groupby("arm", sort=False)}
            plots.dots(ax, groups, low=limit.low, high=limit.high, label=f"{name} ({limit})")
            if 0 < SPREAD * self.frame[name].min() < self.frame[name].max():
                ax.set_xscale("log")
        return ax.figure

    def __repr__(self):
        return f"Study({self.failure.name!r}, {self.rates.seeds.max()} seeds of {len(self.rates)} arms)"


def run(failure, seeds=8, *, arms=None, steps=None, jobs=2, progress=True):
    """Train every arm of a failure with every seed.

    Ctrl-C keeps the arms that are done.

    Parameters
    ----------
    failure : Failure
    seeds : int or sequence of int
        How many, from 1000 on; or which.
    arms : sequence of str, optional
        Names of the arms wanted.
    steps : int, optional
        Other than the failure's own.
    jobs : int
        Processes.
    progress : bool
        Print a line on how far it is.

    Returns
    -------
    Study
    """
    seeds, steps = check_seeds(seeds), check_steps(failure, steps)
    wanted = [failure.arm(name) for name in arms] if arms is not None else list(failure.arms)
    tasks, done = [(failure, arm, seeds, steps) for arm in wanted], {}
    executor = work.cores(min(jobs, len(tasks)))
    stopped = work.through(_timed, tasks, done.__setitem__, executor=executor, progress=progress)
    found = {arm.name: done[place] for place, arm in enumerate(wanted) if place in done}
    rows = [row for rows, _ in found.values() for row in rows]
    return Study(failure, _frame(rows), steps, {arm: took for arm, (_, took) in found.items()}, stopped)


def _timed(*job):
    start = time.perf_counter()
    return outcomes(*job), time.perf_counter() - start


def outcomes(failure, arm, seeds, steps):
    """One dict a seed: arm, kind, seed, measures, failed.

    Raises
    ------
    KeyboardInterrupt
        When it was interrupted before all steps were done.
    """
    data = failure.data()
    group, watched = trained(failure, arm, seeds, steps, data)
    with parts.threads(1):
        measured = failure.measure(group, data, watched)
    rows = []
    for k, seed in enumerate(seeds):
        found = {name: float(values[k]) for name, values in measured.items()}
        rows.append(dict(arm=arm.name, kind=arm.kind, seed=seed) | found | dict(failed=failure.failed(found)))
    return rows


def trained(failure, arm, seeds, steps, data):
    """An Ensemble of an arm after so many steps, and what was looked at on the way: a list of (step, value)."""
    plan = failure.plan(arm)
    stack, steps = failure.model(data, seed=seeds, **failure.knobs(arm)), plan.steps or steps
    loop, bite, runs, watched = stack.steps(data.head(plan.rows)), failure.every if failure.watch else steps, [], []
    if plan.first_steps:
        then = {name: getattr(stack.hp, name) for name in plan.first}
        stack.set(**plan.first)
        runs.append(training.run(loop, plan.first_steps))
        stack.set(**then)
    while stack.step < steps and not (runs and runs[-1].stopped):
        if failure.watch:
            watched.append((stack.step, failure.watch(stack, data)))
        runs.append(training.run(loop, min(bite, steps - stack.step)))
    if runs[-1].stopped and runs[-1].stopped.startswith("interrupted"):
        raise KeyboardInterrupt
    records = [record for run in runs for record in run.records]
    run = training.Run(records, sum(run.seconds for run in runs), runs[-1].stopped)
    return training.Ensemble(stack, run, stack.seed, plan.draw), watched


def check_steps(failure, steps):
    """How many steps to learn; the failure's own where none are asked for."""
    if steps is None:
        return failure.steps
    if not is_whole(steps, 1):
        raise ValueError(f"steps={steps!r}: must be a whole number of at least 1, or None for {failure.steps:,}")
    return steps


def check_seeds(seeds):
    """A list of at least one seed."""
    if is_whole(seeds, 1, 1024):
        return list(range(FIRST_SEED, FIRST_SEED + seeds))
    try:
        seeds = list(seeds)
    except TypeError:
        seeds = []
    if not seeds or not all(is_whole(seed, 0) for seed in seeds):
        raise ValueError(f"seeds={seeds!r}: a number of seeds from 1 to 1,024, or a list of different whole numbers")
    return seeds


def _frame(rows):
    import pandas as pd

    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=["arm", "kind", "seed", "failed"])
