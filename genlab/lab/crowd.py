"""Many seeds beside one run: the same model with the same knobs and the same changes of them, learned by other seeds."""

import dataclasses
import statistics

from genlab import parts, training

SCORED, KEPT = 12, 200  # times that scores are taken, and records that are kept, at most


class Crowd:
    """An ensemble that follows the course of a model: each seed makes the same changes at the same steps.

    Parameters
    ----------
    model : Model
        Whose knobs, log and number of steps are followed.
    data : Dataset
    seeds : int
        How many; they are the numbers after the model's own seed.
    metrics : function (x, data) -> dict, or None
    n : int
        Samples that scores are taken of.

    Raises
    ------
    ValueError
        The model has not learned yet, or its networks cannot be stacked.
    """

    def __init__(self, model, data, seeds, metrics, n):
        if not model.step:
            raise ValueError("seeds are compared up to the present step, and this run is at step 0: let it learn first")
        self.data, self.metrics, self.n, self.steps = data, metrics, n, model.step
        self.changes, self.then_on = list(model.log), False  # whether the run goes on once they have caught up
        knobs = dataclasses.asdict(model.hp)
        for _, name, old, _ in reversed(self.changes):
            knobs[name] = old  # as they were before the first step
        seeds = [(model.seed + i) % (parts.MAX_SEED + 1) for i in range(1, seeds + 1)]
        stack = type(model)(data, conditional=bool(model.classes), seed=seeds, device=model.device, **knobs)
        self.ensemble = training.Ensemble(stack, training.Run([]), stack.seed)
        self.loop = stack.steps(data)

    @property
    def done(self):
        return self.ensemble.model.step >= self.steps

    def sentence(self):
        """How far they have come."""
        stack = self.ensemble.model
        return f"{stack.members} other seeds learn the same course: step {stack.step:,} of {self.steps:,}"

    def step(self):
        """One step of all."""
        stack = self.ensemble.model
        while self.changes and self.changes[0][0] <= stack.step:
            _, name, _, new = self.changes.pop(0)
            stack.set(**{name: new})
        record = training.advance(self.loop, stack.step + 1)
        scored = self.metrics and _due(stack.step, self.steps, SCORED)
        if scored or _due(stack.step, self.steps, KEPT):
            self.ensemble.run.records.append(record | (self._scores() if scored else {}))

    def _scores(self):
        """Scores of every member by name, each a list of floats."""
        made = self.ensemble.sample(self.n, seed=0).cpu()
        each = [dict(self.metrics(x, self.data)) for x in made]
        return {name: [float(scores[name]) for scores in each] for name in each[0]}

    def bands(self):
        """Least, median and most over the seeds by name: lists of (step, least, median, most)."""
        bands = {}
        for record in self.ensemble.run.records:
            for name, values in record.items():
                if isinstance(values, list):
                    bands.setdefault(name, []).append(
                        (record["step"], min(values), statistics.median(values), max(values))
                    )
        return bands


def _due(step, steps, times):
    """Whether `step` of `steps` is one of so many evenly spaced ones, the last among them."""
    return step == steps or step % max(1, steps // times) == 0
