"""Where in a plane of two knobs a failure happens: the share of seeds that fail, in every cell of a grid."""

import dataclasses
import itertools
import time

from genlab import files, work
from genlab.failures.stored import digest
from genlab.failures.study import check_seeds, check_steps, outcomes


@dataclasses.dataclass
class PhaseDiagram:
    """A grid of settings, each tried with several seeds.

    Attributes
    ----------
    failure : Failure
    x, y : str
        Names of the two knobs.
    values : dict of knob -> list
        The grid.
    seeds : list of int
    steps : int
    knobs : dict
        What all cells have in common beside the failure's healthy setting.
    cells : dict of (x value, y value) -> list of dict
        A row a seed, for each cell that is done.
    seconds : float
    stopped : str or None
        Why cells are missing.
    """

    failure: object
    x: str
    y: str
    values: dict
    seeds: list
    steps: int
    knobs: dict
    cells: dict = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    stopped: str | None = None

    @property
    def missing(self):
        """Cells that are not done."""
        return [cell for cell in itertools.product(self.values[self.x], self.values[self.y]) if cell not in self.cells]

    @property
    def frame(self):
        """DataFrame with a row for each cell and seed: both knobs, the measures, and whether it failed."""
        import pandas as pd

        rows = [{self.x: x, self.y: y} | row for (x, y), rows in sorted(self.cells.items()) for row in rows]
        return pd.DataFrame(rows)

    @property
    def shares(self):
        """DataFrame of the share of seeds that fail: a row for each value of y, a column for each of x; NaN where missing."""
        import pandas as pd

        table = pd.DataFrame(index=self.values[self.y], columns=self.values[self.x], dtype=float)
        for (x, y), rows in self.cells.items():
            table.loc[y, x] = sum(row["failed"] for row in rows) / len(rows)
        return table.rename_axis(index=self.y, columns=self.x)

    def sentence(self):
        """What was found, in words."""
        shares = self.shares.stack()
        fails, works = (shares > 0.5).sum(), (shares <= 1 / len(self.seeds)).sum()
        more = f", {len(self.missing)} cells are missing" if self.missing else ""
        return (
            f"{self.failure.title} by {self.x} and {self.y}, {len(self.seeds)} seeds a cell, {self.steps:,} steps: of "
            f"{len(shares)} cells {fails} fail with most seeds, and {works} with at most one{more}."
        )

    def figure(self):
        """The grid as a picture: dark where most seeds fail."""
        from genlab import plots

        return plots.heat(plots.axes(size=(5.0, 4.0)), self.shares, label="share of seeds that fail").figure

    def finish(self, *, jobs=2, path=None, progress=True):
        """Do the cells that are missing; Ctrl-C keeps those that are done. Returns itself."""
        start, missing = time.perf_counter(), self.missing

        def keep(place, rows):
            self.cells[missing[place]] = rows
            if path is not None:
                files.append(path, dict(cell=missing[place], rows=rows))

        tasks = [(self.knobs | {self.x: x, self.y: y}, self.failure, self.seeds, self.steps) for x, y in missing]
        executor = work.cores(min(jobs, len(tasks)))
        self.stopped = work.through(_cell, tasks, keep, executor=executor, progress=progress)
        self.seconds += time.perf_counter() - start
        return self

    def __repr__(self):
        return f"PhaseDiagram({self.failure.name!r} by {self.x} and {self.y}, {len(self.missing)} cells missing)"


def phase_diagram(
    failure, *, x, y, seeds=8, x_values=None, y_values=None, steps=None, jobs=2, path=None, progress=True, **knobs
):
    """Try a grid of two knobs with several seeds a cell, and judge each run by the failure's limits.

    Parameters
    ----------
    failure : Failure
    x, y : str
        Two knobs of its model.
    seeds : int or sequence of int
    x_values, y_values : sequence, optional
        By default those that the failure's record names, else six around the healthy value.
    steps : int, optional
        Other than the failure's own.
    jobs : int
        Processes.
    path : str or Path, optional
        A file of JSON lines: finished cells are written as they come, and read when it is there already.
    progress : bool
        Print a line on how far it is.
    **knobs
        Others that all cells have, such as ``hidden=32``.

    Returns
    -------
    PhaseDiagram
        After Ctrl-C with the cells that are done; :meth:`PhaseDiagram.finish` goes on.
    """
    params, given = failure.model.Params, {x: x_values, y: y_values}
    problems = [f"x={x!r}, y={y!r}: two different knobs"] if x == y else []
    there = [field.name for field in dataclasses.fields(params)]
    problems += [f"{name}: no such knob; there are {', '.join(there)}" for name in given if name not in there]
    problems += [f"{name}: at least one value" for name, some in given.items() if some is not None and not len(some)]
    params.check(failure.healthy | knobs, also=problems)
    values = {name: sorted(_values(failure, name) if some is None else some) for name, some in given.items()}
    params.check({}, also=[text for name, some in values.items() for v in some for text in params.problems({name: v})])
    diagram = PhaseDiagram(failure, x, y, values, check_seeds(seeds), check_steps(failure, steps), knobs)
    if path is not None:
        _resume(diagram, path)
    return diagram.finish(jobs=jobs, path=path, progress=progress)


def _cell(knobs, failure, seeds, steps):
    """What one cell gives, in a process of its own."""
    failure = dataclasses.replace(failure, healthy=failure.healthy | knobs)
    return outcomes(failure, failure.arms[0], seeds, steps)


def _values(failure, name):
    """Six values of a knob around the healthy one, each a factor of about 3 from the next."""
    if name in failure.grid:
        return failure.grid[name]
    middle = failure.healthy.get(name, getattr(failure.model.Params(), name))
    if not isinstance(middle, float) or middle <= 0:
        raise ValueError(f"{name}={middle!r} in the healthy setting: say which values to try, x_values= or y_values=")
    return [float(f"{middle * 10 ** (power / 2):.2g}") for power in range(-3, 3)]


def _key(diagram):
    return digest(
        diagram.failure,
        x=diagram.x,
        y=diagram.y,
        values=diagram.values,
        seeds=diagram.seeds,
        steps=diagram.steps,
        knobs=diagram.knobs,
    )


def _resume(diagram, path):
    """Take finished cells from `path`, or begin the file."""
    known = set(diagram.missing)
    for line in files.lines(path, {"genlab": "phase diagram", "recipe": _key(diagram)}, what="diagram"):
        cell = tuple(line.get("cell") or ())
        if cell in known:
            diagram.cells[cell] = line["rows"]
