"""Sweeps: a model for each setting of a grid and each seed, on one core, on all, or on many machines.

:func:`sweep` asks an executor of ``concurrent.futures`` for nothing but `submit`. A worker is sent the function that
makes a model, the knobs and the seed, and sends back numbers: no model travels, and no file holds a pickle. It searches
nothing: the grid is what you give. Many seeds of one setting come quicker by :func:`genlab.ensemble`.
"""

import dataclasses
import functools
import inspect
import itertools
import math
import numbers
import time

from genlab import datasets, files, parts, work, worker
from genlab.rows import is_plain, is_whole
from genlab.worker import OWN

MAX_RUNS = 100_000
EXECUTOR = "an Executor of concurrent.futures, such as joblib's get_reusable_executor(max_workers=2)"


@dataclasses.dataclass
class Sweep:
    """A grid of settings, each tried with every seed.

    Attributes
    ----------
    grid : dict of knob -> list
    seeds : list of int
    job : tuple
        What makes and scores a model: make_model, data, steps, score, and the knobs that all runs have.
    to : str, Path or None
    rows : dict of (values of the knobs, seed) -> dict
        What each finished run gave.
    seconds : float
        Wall time.
    stopped : str or None
        Why runs are missing, and how to go on.
    """

    grid: dict
    seeds: list
    job: tuple
    to: object = None
    rows: dict = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    stopped: str | None = None

    @property
    def missing(self):
        """Runs that are not done, as tuples of the knobs' values and the seed."""
        return [run for run in itertools.product(*self.grid.values(), self.seeds) if run not in self.rows]

    @property
    def frame(self):
        """DataFrame with a row a finished run: the knobs, the seed, scores (and what real data score, where that is
        known), the loop's last numbers, seconds, and the error of a run that failed; in the order of the grid."""
        import pandas as pd

        rows = [self.rows[run] for run in itertools.product(*self.grid.values(), self.seeds) if run in self.rows]
        names = list(dict.fromkeys(name for row in rows for name in row if name not in ("seconds", "error")))
        return pd.DataFrame(rows, columns=[*(names or [*self.grid, "seed"]), "seconds", "error"])

    def summary(self, score=None):
        """DataFrame with a row a setting: its runs, those that failed, the mean of a score over the others, and its 95 %
        interval by Student's t (none for one run). Without `score` the first one."""
        import pandas as pd
        from scipy.stats import t

        frame, score, rows = self.frame, self._score(score), []
        for values, runs in frame.groupby(list(self.grid), sort=False):
            row = dict(zip(self.grid, values, strict=True), runs=len(runs), failed=int(runs.error.notna().sum()))
            found = runs[score].dropna()
            reach = t.ppf(0.975, len(found) - 1) * found.sem() if len(found) > 1 else math.nan
            rows.append(row | dict(mean=found.mean(), low=found.mean() - reach, high=found.mean() + reach))
        return pd.DataFrame(rows).rename_axis(columns=score)

    def figure(self, x=None, y=None, hue=None):
        """A score by a knob: the median of all runs, and the band from the least to the most; a dot a run for words.

        Parameters
        ----------
        x, hue : str, optional
            Knobs: along the axis, by default the first; and a line for each of its values.
        y : str, optional
            The score, by default the first.
        """
        from genlab import plots

        x, y, frame = next(iter(self.grid)) if x is None else x, self._score(y), self.frame
        if x not in self.grid or hue not in (None, *self.grid) or x == hue:
            raise ValueError(f"x={x!r}, hue={hue!r}: x and hue are two of {', '.join(self.grid)}")
        frame = frame.dropna(subset=[y])
        if frame.empty:
            raise ValueError(f"figure: no run has a {y} yet: see .frame, whose column error says why")
        line = frame[hue].map(lambda value: f"{hue} {value}") if hue else frame[x].map(lambda _: y)
        ax = plots.axes(size=(4.8, 3.4))
        if all(isinstance(value, numbers.Real) and not isinstance(value, bool) for value in self.grid[x]):
            run = frame.groupby([x, line], sort=False).cumcount()
            table = frame.assign(line=line, run=run).pivot(index=x, columns=["line", "run"], values=y).sort_index()
            floor = frame[f"{y}_floor"].mean() if f"{y}_floor" in frame else None
            plots.curves(ax, table, floor=floor, ylabel=y)
            if 0 < 50 * table.index[0] <= table.index[-1]:
                ax.set_xscale("log")
                if len(table) <= 8:  # the values that were tried, not powers of ten between them
                    ax.set_xticks(table.index, [f"{value:g}" for value in table.index])
                    ax.set_xticks([], minor=True)
        else:
            named = frame[x].astype(str) + (", " + line if hue else "")
            groups = {name: runs[y].tolist() for name, runs in frame.groupby(named, sort=False)}
            plots.dots(ax, groups, label=y)
        return ax.figure

    def sentence(self):
        """What was found, in words."""
        failed = [row for row in self.rows.values() if row["error"]]
        done, of = len(self.rows), len(self.rows) + len(self.missing)
        text = f"{done} of {of} runs are done ({', '.join(self.grid)}; {len(self.seeds)} seeds a setting)"
        if failed:
            text += f", {len(failed)} of them failed, the first at {self._where(failed[0])}: {failed[0]['error']}"
        if len(failed) < done:
            table = self.summary().dropna(subset=["mean"]).sort_values("mean")
            lowest, *_, highest = table.to_dict("records") * 2
            ends = [
                f"{how} {row['mean']:.4g} ({row['low']:.4g} to {row['high']:.4g}) at {self._where(row)}"
                for how, row in dict(lowest=lowest, highest=highest).items()
            ]
            text += f". {table.columns.name}, mean and 95 % interval: {', '.join(ends)}"
        return text + (f". {self.stopped}" if self.stopped else "") + "."

    def finish(self, *, executor=None, progress=True, retry=False):
        """Do the runs that are missing; with `retry` also those that failed. Returns itself. See :func:`sweep`."""
        _check(_executor_problems(executor))
        start = time.perf_counter()
        if retry:
            self.rows = {run: row for run, row in self.rows.items() if not row["error"]}
        missing, before = self.missing, len(self.rows)

        def keep(place, found):
            *values, seed = missing[place]
            row = dict(zip(self.grid, values, strict=True), seed=seed) | found
            self.rows[missing[place]] = row
            if self.to is not None:
                files.append(self.to, row)

        function = (
            functools.partial(worker.run, self.job)
            if executor is None
            else functools.partial(worker.remote, worker.sent(self.job))
        )
        tasks = [(dict(zip(self.grid, values, strict=True)), seed) for *values, seed in missing]
        failed = lambda place, error: keep(place, dict(seconds=None, error=worker.message(error)))
        with parts.threads(1):
            why = work.through(
                function, tasks, keep, executor=executor, progress=progress, failed=failed, before=before
            )
        on = "call .finish() to go on" + (f", or the same sweep again: {self.to} keeps what is done" if self.to else "")
        self.stopped = why and f"{why}; {on}"
        self.seconds += time.perf_counter() - start
        return self

    def _score(self, name):
        columns = [name for name in self.frame if name not in (*self.grid, *OWN)]
        if name not in (None, *columns) or not columns:
            raise ValueError(f"{name or 'score'}: no run has it; there are {', '.join(columns) or 'no scores at all'}")
        return columns[0] if name is None else name

    def _where(self, row):
        return ", ".join(f"{name}={row[name]}" for name in self.grid) + (
            f", seed {row['seed']}" if "seed" in row else ""
        )

    def __repr__(self):
        grid = " x ".join(f"{len(values)} {name}" for name, values in self.grid.items())
        return f"Sweep({grid} x {len(self.seeds)} seeds, {len(self.rows)} runs done, {len(self.missing)} missing)"


def sweep(
    make_model,
    data,
    grid,
    *,
    seeds,
    steps=None,
    score=None,
    executor=None,
    to=None,
    retry=False,
    progress=True,
    **knobs,
):
    """Make a model for each setting of a grid and each seed, and score it: a row a finished run, kept as it comes.

    A run that fails is a row with its message, and stops no other. Ctrl-C keeps the finished rows; so does a worker that
    dies. Give `to`, and the same call goes on where it stopped, also with more values or seeds than before.

    Parameters
    ----------
    make_model : callable
        A family, such as ``gl.GAN``, or a function of yours: ``make_model(data, seed=, **knobs)`` returns a model. One
        defined in a notebook will do.
    data : Dataset, DataFrame or array_like
        The rows to learn from. To other machines shipped data travel by name, others by their values.
    grid : dict of knob -> list
        Numbers, text or booleans; every combination is tried.
    seeds : int or iterable of int
        How many, from 0 on; or which.
    steps : int, optional
        Steps that each model learns; without it `make_model` returns one that has learned, by ``gl.run(...,
        strict=True)``, so that a run cut short is no row.
    score : callable, optional
        ``score(model)`` returns a number, or a dict of them. Without it :func:`genlab.metrics.quality` of 1,000 samples.
    executor : concurrent.futures.Executor, optional
        Who does the runs; one after the other without it. All cores:
        ``joblib.externals.loky.get_reusable_executor()``. Many machines: ``dask.distributed.Client(address)
        .get_executor()`` (``pip install "genlab[sweep]"``, and genlab on each machine). It is not shut down.
    to : str or Path, optional
        A file of JSON lines to which each row is written at once. It knows `make_model` and `score` by name: give
        another file when their code has changed.
    retry : bool
        Do the runs again that `to` holds as failed.
    progress : bool
        Print a line on how far it is.
    **knobs
        Others that all runs have, such as ``hidden=32``.

    Returns
    -------
    Sweep

    Raises
    ------
    ValueError
        One message that lists everything wrong with the arguments; or `to` holds another sweep.

    Examples
    --------
    >>> ring = gl.datasets.ring()
    >>> found = gl.sweep(gl.GAN, ring, {"lr_d": [1e-3, 1e-2], "hidden": [16, 64]}, seeds=3, steps=500, to="ring.jsonl")
    >>> print(found.sentence())
    """
    data = data if hasattr(data, "columns") else datasets.as_dataset(data)
    seeds = list(range(seeds)) if is_whole(seeds, 1, MAX_RUNS) else _listed(seeds)
    grid = {name: _listed(values) for name, values in grid.items()} if isinstance(grid, dict) else grid
    problems = _run_problems(make_model, seeds, steps, score, executor) + _grid_problems(grid, seeds, knobs)
    if isinstance(grid, dict) and callable(make_model):
        problems += _knob_problems(make_model, grid | {name: [value] for name, value in knobs.items()})
    _check(problems)
    found = Sweep(grid, seeds, (make_model, data, steps, score, knobs), to)
    if to is not None:
        _resume(found)
    return found.finish(executor=executor, progress=progress, retry=retry)


def _resume(found):
    """Take finished rows from the file of a sweep, or begin it; rows of other values and seeds stay there unused."""
    make_model, data, steps, score, knobs = found.job
    head = {"genlab": "sweep", "knobs": list(found.grid), "model": _name(make_model), "data": _fingerprint(data)}
    head |= {"steps": steps, "score": _name(score), "others": dict(sorted(knobs.items()))}
    wanted = set(found.missing)
    for number, row in enumerate(files.lines(found.to, head, what="sweep"), 2):
        key = tuple(row.get(name) for name in (*found.grid, "seed"))
        if not {*found.grid, *OWN} <= set(row) or not all(map(is_plain, key)):
            raise ValueError(f"{found.to}: line {number} is no row of a sweep; delete it, its run is done again")
        if key in wanted:
            found.rows[key] = row


# -- arguments --------------------------------------------------------------------------------------------------------


def _run_problems(make_model, seeds, steps, score, executor):
    """What is wrong with the arguments that say how runs are done."""
    problems = [] if callable(make_model) else [f"make_model={make_model!r}: a family such as gl.GAN, or a function"]
    fits = isinstance(seeds, list) and seeds and all(is_whole(seed, 0, parts.MAX_SEED) for seed in seeds)
    if not fits or len(set(seeds)) < len(seeds):
        problems.append(f"seeds={seeds!r}: how many, or a list of different whole numbers from 0 on")
    if steps is not None and not is_whole(steps, 1) or steps is None and hasattr(make_model, "Params"):
        problems.append(f"steps={steps!r}: must be a whole number of at least 1")
    if score is not None and not callable(score):
        problems.append(f"score={score!r}: a function of the model that returns a number, or a dict of them")
    return problems + _executor_problems(executor)


def _executor_problems(executor):
    fits = executor is None or hasattr(executor, "submit")
    return [] if fits else [f"executor={executor!r}: must be {EXECUTOR}"]


def _grid_problems(grid, seeds, knobs):
    """What is wrong with the grid, and with the knobs beside it."""
    if not isinstance(grid, dict) or not grid:
        return [f"grid={grid!r}: must be a dict of lists, such as {{'hidden': [16, 64]}}"]
    problems = []
    for name, values in grid.items():
        fits = isinstance(values, list) and values and all(map(is_plain, values))
        if not fits or len(set(values)) < len(values):
            problems.append(f"{name}={values!r}: needs a list of different numbers, texts or booleans")
        if name in OWN:
            problems.append(f"{name}: every row has a column of this name; it cannot be a knob")
    for name, value in knobs.items():
        if not is_plain(value):
            problems.append(f"{name}={value!r}: must be a number, text or boolean")
        if name in grid:
            problems.append(f"{name}: give it in the grid or beside it, not both")
    if not problems and isinstance(seeds, list) and math.prod(map(len, grid.values())) * len(seeds) > MAX_RUNS:
        problems.append(f"more than {MAX_RUNS:,} runs: fewer values, or fewer seeds")
    return problems


def _knob_problems(make_model, tried):
    """What is wrong with the knobs that are tried: unknown to the model, or outside their declared range."""
    taken = inspect.signature(make_model).parameters
    any_name = any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken.values())
    params, problems = getattr(make_model, "Params", None), []
    if not any_name and "seed" not in taken:
        problems.append(f"{_name(make_model)} takes no seed: it is called as make_model(data, seed=, **knobs)")
    for name, values in tried.items():
        if name in taken:
            continue
        if params is not None and isinstance(values, list):
            problems += dict.fromkeys(text for value in values for text in params.problems({name: value}))
        elif not any_name:
            problems.append(f"{name}: {_name(make_model)} takes no such argument; it takes {', '.join(taken)}")
    return problems


def _check(problems):
    if problems:
        raise ValueError(f"sweep: {len(problems)} problem(s)\n  " + "\n  ".join(problems))


def _listed(values):
    """Values as a list of Python's own; what is none comes back as it is, for the check to name."""
    try:
        return values if isinstance(values, str) else [v.item() if hasattr(v, "item") else v for v in values]
    except TypeError:
        return values


def _name(function):
    return None if function is None else getattr(function, "__qualname__", type(function).__name__)


def _fingerprint(data):
    if isinstance(data, datasets.Dataset):
        return data.fingerprint
    import hashlib

    from pandas.util import hash_pandas_object

    return hashlib.sha256(hash_pandas_object(data).to_numpy().tobytes() + repr(list(data)).encode()).hexdigest()[:16]
