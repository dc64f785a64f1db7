"""Named data: shapes in the plane, real images, texts and surveys, each with its source and licence.

A loader gives a :class:`Dataset` with values as they are in nature (an 8x8 digit runs from 0 to 16), which the models
convert; a survey is a pandas DataFrame. Nothing is downloaded: files ship with the package and are checked against
their digest when read. Their origins and licences stand in ``datasets/README.md``.
"""

import dataclasses
import hashlib
import math
import numbers

import numpy as np
import torch

from genlab import texts
from genlab.files import FILES, read, shipped  # noqa: F401  (public here as well)
from genlab.surveys import opinions, survey  # noqa: F401

MAX_VALUES = 500_000_000  # 2 GB of float32: more than any lesson needs, less than what freezes a laptop
MAX_ROW = 65_536  # numbers in one row that a model takes
MAX_LABELS = 1000
MAX_LEVELS = 65_536
LARGEST = 1e18  # of a value: beyond it, squares overflow


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """Rows to learn from.

    Parameters
    ----------
    x : array_like, shape (n, d) or (n, channels, height, width)
        Points, or images in their native values; finite, at least two rows.
    y : array_like of int, shape (n,), optional
        Labels 0, 1, 2, ...
    name, source, license : str
        What the data are called, where they come from, and on what terms.
    range : (float, float), optional
        Lowest and highest possible value; required for images.
    levels : int, optional
        Number of different values: evenly spaced over `range` (17 for digits of 0..16), or codes 0, 1, ... without one.
    symbols : str, optional
        The character that each code stands for.
    end : int, optional
        The code that ends a row early, and fills what is behind it.
    modes : array_like, shape (m, d), optional
        Centres of the clusters, where they are known; `spread` is their standard deviation.
    call : dict, optional
        Arguments that rebuild the data by name; None for a reader's own.

    Raises
    ------
    ValueError
        One message that lists everything wrong with the rows.
    """

    x: torch.Tensor
    y: torch.Tensor | None = None
    name: str = "own data"
    source: str = "given by the reader"
    license: str = "not stated"
    range: tuple[float, float] | None = None
    levels: int | None = None
    symbols: str | None = None
    end: int | None = None
    modes: torch.Tensor | None = None
    spread: float | None = None
    call: dict | None = None

    def __post_init__(self):
        x, modes = as_tensor(self.x, "x"), None if self.modes is None else as_tensor(self.modes, "modes")
        problems, y = _row_problems(x) + _range_problems(x, self.range), self.y
        if not problems:
            problems += _level_problems(x, self.range, self.levels, self.symbols, self.end)
        if y is not None:
            try:
                y = as_labels(y)
            except ValueError as error:
                problems.append(str(error))
            else:
                if y.shape != x.shape[:1]:
                    problems.append(f"y has shape {tuple(y.shape)}: one label a row is {tuple(x.shape[:1])}")
        if modes is not None and modes.shape[1:] != x.shape[1:]:
            problems.append(f"modes have shape {tuple(modes.shape)}: one row each, of shape {tuple(x.shape[1:])}")
        if not plain_call(self.call):
            problems.append(
                f"call={self.call!r}: must be None, or arguments by name that are numbers, text or booleans"
            )
        if problems:
            raise ValueError(f"Dataset {self.name!r}: {len(problems)} problem(s)\n  " + "\n  ".join(problems))
        limits = None if self.range is None else tuple(map(float, self.range))
        for name, value in dict(x=x, y=y, modes=modes, range=limits, name=str(self.name)).items():
            object.__setattr__(self, name, value)

    @property
    def shape(self):
        """Shape of one row: (2,) for points in the plane, (1, 8, 8) for a digit."""
        return tuple(self.x.shape[1:])

    @property
    def classes(self):
        """Number of labels, 0 where there are none."""
        return 0 if self.y is None else int(self.y.max()) + 1

    @property
    def text(self):
        """Rows as text, where the data have `symbols`: a list of str."""
        return as_text(self.x, self.symbols, self.end)

    @property
    def fingerprint(self):
        """16 hexadecimal digits that change when any value or label does; computed anew, since a tensor can be written to."""
        digest = hashlib.sha256(repr((self.x.shape, self.x.dtype)).encode() + self.x.numpy().tobytes())
        if self.y is not None:
            digest.update(self.y.numpy().tobytes())
        return digest.hexdigest()[:16]

    def __len__(self):
        return len(self.x)

    def __repr__(self):
        labels = f", {self.classes} labels" if self.classes else ""
        return f"Dataset({self.name!r}: {len(self)} rows of shape {self.shape}{labels}; {self.license})"


def as_dataset(data):
    """`data` itself when it is a Dataset, else a Dataset of the array's rows."""
    return data if isinstance(data, Dataset) else Dataset(data)


def ring(modes=8, n=4000, seed=1, *, radius=2.0, spread=0.05, labels=False):
    """Gaussian clusters evenly spaced on a circle: many modes, each easy, so that a dropped one is seen at once.

    Parameters
    ----------
    modes, n, seed : int
        Number of clusters, of rows, and the seed they are drawn with.
    radius, spread : float
        Of the circle, and standard deviation of a cluster.
    labels : bool
        Whether `y` holds each row's cluster.
    """
    _check(dict(modes=modes, n=n, seed=seed), dict(radius=radius, spread=spread))
    angle = 2 * math.pi * torch.arange(modes) / modes
    centres = radius * torch.stack([angle.cos(), angle.sin()], 1)  # (modes, 2)
    return _clusters("ring", centres, int(n), int(seed), spread, labels, dict(modes=int(modes), radius=float(radius)))


def grid(side=5, n=4000, seed=1, *, spacing=1.0, spread=0.05, labels=False):
    """Gaussian clusters on a square grid of `side` by `side`: harder than the ring, with 25 modes by default."""
    _check(dict(side=side, n=n, seed=seed), dict(spacing=spacing, spread=spread))
    axis = spacing * (torch.arange(side) - (side - 1) / 2)
    centres = torch.cartesian_prod(axis, axis)  # (side**2, 2)
    return _clusters("grid", centres, int(n), int(seed), spread, labels, dict(side=int(side), spacing=float(spacing)))


def digits(split="train"):
    """Handwritten digits of 8x8 pixels with values 0..16 (Alpaydin and Kaynak, 1998).

    Parameters
    ----------
    split : "train", "test" or "all"
        Every fourth image of each digit is held out as "test"; the others are "train".
        The same people wrote both: the split holds out images, not writers.
    """
    if split not in ("train", "test", "all"):
        raise ValueError(f"split={split!r}: one of 'train', 'test', 'all'")
    with np.load(read("digits.npz"), allow_pickle=False) as file:
        images, labels = file["images"], file["labels"].astype(np.int64)
    if split != "all":
        place = np.zeros(len(labels), dtype=int)  # the how-manieth of its digit each image is
        for digit in range(10):
            place[labels == digit] = np.arange((labels == digit).sum())
        keep = (place % 4 == 3) == (split == "test")
        images, labels = images[keep], labels[keep]
    return Dataset(
        images[:, None].astype(np.float32),
        labels,
        name="digits",
        source="Optical Recognition of Handwritten Digits, UCI Machine Learning Repository (Alpaydin and Kaynak, 1998)",
        license="CC BY 4.0",
        range=(0.0, 16.0),
        levels=17,
        call=dict(split=split),
    )


def names(split="train"):
    """First names in the 1990 US census, each once (US Census Bureau): rows of 12 codes for `symbols`, ended by ".".

    Parameters
    ----------
    split : "train", "test" or "all"
        Every fifth name of the alphabet is held out as "test"; the others are "train".

    Returns
    -------
    Dataset
        `y` is 1 for a name that a larger percentage of men than of women bore, else 0. How many bore it stands in
        the file: ``gl.datasets.read("names.csv")``.
    """
    codes, men = texts.names(split)
    return Dataset(
        codes,
        men,
        name="names",
        source="US Census Bureau, 1990 census, from the Python package names",
        license="public domain",
        levels=len(texts.NAME_SYMBOLS),
        symbols=texts.NAME_SYMBOLS,
        end=0,
        call=dict(split=split),
    )


def prose(split="train", *, length=128):
    """The Psalms of the King James Bible (1611) as running text: rows of `length` codes for `symbols`.

    Parameters
    ----------
    split : "train", "test" or "all"
        Every fifth psalm is held out as "test"; the others are "train".
    length : int
        Characters in a row. A row goes on where the one before it ends.
    """
    codes, symbols = texts.prose(split, length)
    return Dataset(
        codes,
        name="prose",
        source="Psalms, King James Bible, from the Debian package bible-kjv-text",
        license="public domain",
        levels=len(symbols),
        symbols=symbols,
        call=dict(split=split, length=int(length)),
    )


def as_text(x, symbols, end=None):
    """Rows of codes (n, T) as text: a list of str, each up to its end."""
    if not symbols:
        raise ValueError("these data have no symbols: their numbers do not stand for characters")
    rows = ["".join(symbols[round(code)] for code in row) for row in x.tolist()]
    return rows if end is None else [row.split(symbols[end])[0] for row in rows]


def as_tensor(values, name):
    """A copy of `values` as a tensor of torch's default float type, or an error that says what they are instead.

    A copy, so that a reader who later writes into an array of theirs does not change what a model learns from.
    """
    dtype = torch.get_default_dtype()
    if isinstance(values, torch.Tensor):
        if values.is_complex():
            raise TypeError(f"{name} holds {values.dtype} values: only real numbers can be learned")
        return values.detach().to(device="cpu", dtype=dtype, copy=True)
    array = _as_array(values, name)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} holds {array.dtype} values ({type(values).__name__}): only numbers can be learned")
    with np.errstate(over="ignore"):  # what is too large becomes infinite here, and is named by row below
        return torch.from_numpy(np.array(array, dtype=torch.empty(0).numpy().dtype, order="C"))


def _as_array(values, name):
    if np.ma.isMaskedArray(values):
        values = values.astype(float).filled(np.nan)  # plain conversion would bring back what was masked
    try:
        array = np.asarray(values)
        if array.dtype == object and array.size and all(isinstance(value, numbers.Real) for value in array.flat):
            whole = all(isinstance(value, numbers.Integral) for value in array.flat)
            array = array.astype(np.int64 if whole else float)  # a table with columns of several kinds of numbers
    except (ValueError, OverflowError) as error:  # lists of different lengths; whole numbers beyond any float
        raise TypeError(f"{name} cannot be read as an array ({type(values).__name__}): {error}") from None
    return array


def as_labels(y, below=MAX_LABELS):
    """A copy of labels as a tensor of whole numbers, or an error that says what they are instead."""
    if not isinstance(y, torch.Tensor):
        y = _as_array(y, "y")
        whole = y.dtype.kind in "iu"
    else:
        whole = not (y.is_floating_point() or y.is_complex() or y.dtype == torch.bool)
    if not whole:
        raise ValueError(f"y holds {y.dtype} values: labels are whole numbers 0, 1, 2, ... up to {below - 1}")
    if not isinstance(y, torch.Tensor):
        y = torch.from_numpy(y.astype(np.int64))
    y = y.detach().to(device="cpu", dtype=torch.int64, copy=True)
    if y.numel() and not 0 <= y.min() <= y.max() < below:
        raise ValueError(f"y runs from {y.min()} to {y.max()}: labels are whole numbers from 0 to {below - 1}")
    return y


def _row_problems(x):
    """What is wrong with the shape of x, and with single rows of it."""
    problems = []
    if x.dim() not in (2, 4):
        problems.append(
            f"x has shape {tuple(x.shape)}: rows of points are (n, d), images are (n, channels, height, width); "
            "add the missing axes, for example x[:, None]"
        )
    if x.dim() and len(x) < 2:
        problems.append(f"x has {len(x)} row(s): a model needs at least 2 to learn from")
    if x.dim() and 0 in x.shape[1:]:
        problems.append(f"x has shape {tuple(x.shape)}: a row needs at least 1 number")
    if x.numel() > MAX_VALUES:
        problems.append(f"x holds {x.numel():,} values: at most {MAX_VALUES:,}; take a sample of the rows")
    elif x.numel() and x.dim():
        bad = ~(x.reshape(len(x), -1).abs() <= LARGEST).all(1)  # NaN too
        if bad.any():
            problems.append(
                f"x has NaN, infinite or too large values (beyond {LARGEST:g}) in {int(bad.sum())} of {len(x)} rows "
                f"(first: row {int(bad.nonzero()[0])}): remove, fill or rescale them"
            )
    return problems


def _range_problems(x, limits):
    """What is wrong with the range, and with x given that range."""
    if limits is None:
        images = "images of unknown range: say range=(lowest, highest), for example range=(0, 255)"
        return [images] if x.dim() == 4 else []
    try:
        low, high = map(float, limits)
    except (TypeError, ValueError):
        low = high = math.nan
    if not -LARGEST <= low < high <= LARGEST:
        return [f"range={limits!r}: needs two finite numbers, the lower one first"]
    if x.numel() and (x.min() < low or x.max() > high):
        return [f"x runs from {x.min():g} to {x.max():g}, outside its range={limits}"]
    return []


def _level_problems(x, limits, levels, symbols, end):
    """What is wrong with the levels and what is said about them, and with x given those levels."""
    if levels is None:
        said = symbols is not None or end is not None
        return ["symbols and end are about codes: say levels=, the number of codes"] if said else []
    if not is_whole(levels, 2, MAX_LEVELS):
        return [f"levels={levels!r}: must be a whole number from 2 to {MAX_LEVELS:,}"]
    problems, (low, high) = [], limits or (0, levels - 1)
    code = (x.double() - low) / (high - low) * (levels - 1)
    away = (code - code.round()).abs().gt(1e-3) | code.lt(-1e-3) | code.gt(levels - 1 + 1e-3)
    if away.any():
        problems.append(
            f"{int(away.sum()):,} of {x.numel():,} values are none of the {levels} levels from {low:g} to {high:g} "
            f"(first: {x[away][0]:g}): round them, or leave levels out"
        )
    if symbols is not None and not (isinstance(symbols, str) and len(symbols) == len(set(symbols)) == levels):
        problems.append(f"symbols={symbols!r}: must be {levels} different characters, one for each level")
    if end is not None and not is_whole(end, 0, levels - 1):
        problems.append(f"end={end!r}: must be one of the codes 0 to {levels - 1}")
    elif end is not None and not problems:
        over = (code.round() == end).flatten(1)
        late = over.cummax(1).values.ne(over).any(1)
        if late.any():
            problems.append(
                f"{int(late.sum())} row(s) go on behind the code {end} that ends them (first: row "
                f"{int(late.nonzero()[0])}): fill the rest of a row with {end}"
            )
    return problems


def plain_call(call):
    """Whether `call` can be written to a file and typed by a reader: names with numbers, text or booleans; or None."""
    named = isinstance(call, dict) and all(isinstance(name, str) and name.isidentifier() for name in call)
    return call is None or named and all(map(is_plain, call.values()))


def is_plain(value):
    """Whether `value` is text, a boolean or a finite number of Python's own."""
    return type(value) in (bool, int, str) or type(value) is float and math.isfinite(value)


def is_whole(value, low=0, high=2**62):
    """Whether `value` is a whole number from `low` to `high`; True and False are not."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and low <= value <= high


def _clusters(name, centres, n, seed, spread, labels, call):
    rng = torch.Generator().manual_seed(seed)
    y = torch.randint(len(centres), (n,), generator=rng)
    x = centres[y] + spread * torch.randn(n, 2, generator=rng)
    return Dataset(
        x,
        y if labels else None,
        name=name,
        source="drawn by genlab",
        license="MIT",
        modes=centres,
        spread=float(spread),
        call=call | dict(n=n, seed=seed, spread=float(spread), labels=bool(labels)),
    )


MOST = dict(modes=MAX_LABELS, side=math.isqrt(MAX_LABELS), n=MAX_VALUES // 2)


def _check(whole, positive):
    """Raise one error that lists the arguments of a loader that cannot be."""
    bad = []
    for name, value in whole.items():
        low, high = (0, 2**63 - 1) if name == "seed" else (1, MOST[name])
        if not is_whole(value, low, high):
            bad.append(f"{name}={value!r}: must be a whole number from {low} to {high:,}")
    for name, value in positive.items():
        if not (isinstance(value, numbers.Real) and 0 < value < LARGEST):
            bad.append(f"{name}={value!r}: must be a number above 0")
    if bad:
        raise ValueError("; ".join(bad))
