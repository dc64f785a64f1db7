"""Other rows for a lab of points: a named shape, points drawn by hand, or two columns of a table."""

import io
import math
import numbers

from genlab import datasets

SHAPES = ("ring", "grid", "moons", "spiral", "line")  # of genlab.datasets
DRAWN, FEWEST = 5_000, 10  # points drawn by hand at most, and at least
TEXT = 5_000_000  # characters of a table that a browser may send


class Table:
    """A CSV file that a browser has sent as text."""

    def __init__(self, text, name):
        import pandas as pd

        if len(text) > TEXT:
            raise ValueError(
                f"{name} has {len(text):,} characters: a lab takes {TEXT:,}; use gl.datasets.columns instead"
            )
        try:
            self.frame = pd.read_csv(io.StringIO(text))
        except (ValueError, pd.errors.ParserError) as error:
            raise ValueError(
                f"{name} cannot be read as a table with commas and a first line of names: {error}"
            ) from None
        self.name = name
        self.columns = [str(column) for column in self.frame.select_dtypes("number").columns]
        if len(self.columns) < 2:
            raise ValueError(f"{name} has {len(self.columns)} column(s) of numbers: two are needed")

    def sentence(self):
        return f"{self.name}: {len(self.frame):,} rows, {len(self.columns)} columns of numbers; choose two"

    def points(self, first, second):
        """Two columns as a Dataset; rows with a gap are left out and counted in its source."""
        frame = self.frame.rename(columns=str)
        return datasets.columns(frame, first, second)


def wished(wish, given, table):
    """The Dataset that a view asks for: {"shape": name}, {"points": [[x, y], ...]}, {"columns": [a, b]}, or {} for the first."""
    match wish:
        case {"shape": str(name)} if name in SHAPES:
            return getattr(datasets, name)()
        case {"points": list(points)}:
            return drawn(points)
        case {"columns": [str(first), str(second)]} if table is not None:
            return table.points(first, second)
        case {} if not wish:
            return given
    raise ValueError(f"{wish!r}: ask for a shape ({', '.join(SHAPES)}), for points, or for columns of a table")


def drawn(points):
    """Points that were drawn by hand, as a Dataset."""
    if not FEWEST <= len(points) <= DRAWN:
        raise ValueError(f"{len(points)} points drawn: a lab takes {FEWEST} to {DRAWN:,}")
    for point in points:
        if not isinstance(point, list | tuple) or len(point) != 2 or not all(map(_is_finite, point)):
            raise ValueError(f"{point!r}: a drawn point is two finite numbers")
    return datasets.Dataset(points, name="drawn by hand")


def _is_finite(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)
