"""The numbers of a live run: every step as compact columns, and each column again as a curve short enough to send."""

import array
import bisect
import math
import numbers
import time

import numpy as np

HALF = 128  # a curve is drawn from at most twice as many points
RECENT = 20  # steps that a sentence on the present state speaks of


class Curve:
    """A series of any length as at most ``2 * HALF`` means of equal stretches, in a fixed amount of memory."""

    def __init__(self, skipped=0):
        self.sums, self.counts, self.width, self.n = np.zeros(2 * HALF), np.zeros(2 * HALF), 1, skipped
        while skipped >= 2 * HALF * self.width:
            self.width *= 2

    def add(self, value):
        place = self.n // self.width
        if place == 2 * HALF:  # full: neighbours are merged, and half the room is free again
            for kept in (self.sums, self.counts):
                kept[:HALF] = kept.reshape(-1, 2).sum(1)
                kept[HALF:] = 0
            self.width, place = 2 * self.width, HALF
        self.n += 1
        if math.isfinite(value):
            self.sums[place] += value
            self.counts[place] += 1

    @property
    def means(self):
        """Means of the stretches so far, NaN where nothing was finite."""
        used = -(-self.n // self.width)
        with np.errstate(invalid="ignore"):
            return (self.sums[:used] / self.counts[:used]).astype(np.float32)


class Book:
    """Records of steps, and scores taken now and then.

    Attributes
    ----------
    first : int
        Step before the first record.
    columns : dict of name -> array of float
        One number a step, NaN where a step had none.
    scores : list of (step, dict of name -> float)
    """

    def __init__(self, first=0):
        self.first, self.steps, self.columns, self.curves, self.scores = first, array.array("q"), {}, {}, []

    def add(self, record):
        """Keep one record: a dict of floats with "step"."""
        for name, value in record.items():
            if name != "step" and not isinstance(value, str | list) and name not in self.columns:
                self.columns[name] = array.array("d", [math.nan]) * len(self.steps)
                self.curves[name] = Curve(len(self.steps))
        self.steps.append(record["step"])
        for name, column in self.columns.items():
            value = record.get(name, math.nan)
            column.append(value)
            self.curves[name].add(value)

    def until(self, step):
        """A book of its own with what this one holds up to a step."""
        cut, rows = Book(self.first), bisect.bisect_right(self.steps, step)
        cut.steps, cut.scores = self.steps[:rows], [scored for scored in self.scores if scored[0] <= step]
        for name, column in self.columns.items():
            cut.columns[name], cut.curves[name] = column[:rows], Curve()
            for value in column[:rows]:
                cut.curves[name].add(value)
        return cut

    def score(self, step, scores):
        """Keep the scores of a step, in place of any taken at the same one."""
        if self.scores and self.scores[-1][0] == step:
            self.scores.pop()
        self.scores.append((step, scores))

    @property
    def newest(self):
        """The newest scores by name; {} where none were taken."""
        return self.scores[-1][1] if self.scores else {}

    @property
    def recent(self):
        """Means of the columns over the last RECENT steps, by name; NaN where none of them had a number."""
        last = {
            name: [value for value in column[-RECENT:] if math.isfinite(value)] for name, column in self.columns.items()
        }
        return {name: sum(values) / len(values) if values else math.nan for name, values in last.items()}

    def scored(self, name):
        """(step, value) of one score as an array (m, 2), thinned to at most ``2 * HALF`` rows."""
        rows = [(step, scores[name]) for step, scores in self.scores if name in scores]
        stride = -(-len(rows) // (2 * HALF)) or 1
        last = len(rows) - 1
        return np.array([r for i, r in enumerate(rows) if i % stride == 0 or i == last], np.float32).reshape(-1, 2)

    @property
    def history(self):
        """DataFrame indexed by step: the columns, and the scores in the steps where they were taken."""
        import pandas as pd

        index = pd.Index(np.array(self.steps, dtype=np.int64), name="step")
        frame = pd.DataFrame(
            {name: np.array(column) for name, column in self.columns.items()}, index=index, dtype=float
        )
        for name in dict.fromkeys(name for _, scores in self.scores for name in scores):
            values = {step: float(scores[name]) for step, scores in self.scores if name in scores}
            frame[name] = pd.Series(values, dtype=float).reindex(index)
        return frame


class Meter:
    """Takes scores now and then: never two within GAP seconds, and never for more than SHARE of the time."""

    GAP, SHARE = 0.25, 0.08

    def __init__(self, take):
        self.take, self.next = take, 0.0

    @property
    def due(self):
        return time.perf_counter() >= self.next

    def scores(self):
        """Scores now, as floats by name."""
        start = time.perf_counter()
        scores = dict(self.take())
        end = time.perf_counter()
        self.next = end + max(self.GAP, (end - start) / self.SHARE)
        for name, value in scores.items():
            if not isinstance(value, numbers.Real):
                raise TypeError(f"metrics gave {name}={value!r}: each must be a number")
        return scores
