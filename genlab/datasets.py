"""Named data: shapes in the plane and real images, each with its source and licence.

Every loader gives a :class:`Dataset` with values as they are in nature (an 8x8 digit runs from 0 to 16); the models
convert. Nothing is downloaded: files ship with the package and are checked against their digest when read.
The files' origins and licences stand in ``datasets/README.md``.
"""

import dataclasses
import functools
import hashlib
import math
import pathlib

import numpy as np
import torch

MAX_VALUES = 500_000_000  # 2 GB of float32: more than any lesson needs, less than what freezes a laptop

FILES = {  # file in datasets/: its SHA-256
    "digits.npz": "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e",
}


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
        Number of different values, where they are counts (17 for digits of 0..16).
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
    modes: torch.Tensor | None = None
    spread: float | None = None
    call: dict | None = None

    def __post_init__(self):
        x, problems = _as_tensor(self.x, "x"), []
        if x.dim() not in (2, 4):
            problems.append(
                f"x has shape {tuple(x.shape)}: rows of points are (n, d), images are (n, channels, height, width); "
                "add the missing axes, for example x[:, None]"
            )
        if len(x) < 2:
            problems.append(f"x has {len(x)} row(s): a model needs at least 2 to learn from")
        if x.numel() > MAX_VALUES:
            problems.append(f"x holds {x.numel():,} values: at most {MAX_VALUES:,}; take a sample of the rows")
        bad = len(x) and ~torch.isfinite(x.reshape(len(x), -1)).all(1)
        if len(x) and bad.any():
            rows = bad.nonzero().flatten()
            problems.append(
                f"x has NaN or infinite values in {len(rows)} of {len(x)} rows (first: row {rows[0]}): remove or fill them"
            )
        elif len(x) and x.abs().max() > 1e18:
            problems.append(f"x holds {x.abs().max():.3g}: values beyond 1e18 overflow when squared; rescale the column")
        if x.dim() == 4 and self.range is None:
            problems.append("images of unknown range: say range=(lowest, highest), for example range=(0, 255)")
        if self.range is not None:
            low, high = self.range
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                problems.append(f"range={self.range}: needs two finite numbers, the lower one first")
            elif len(x) and not bad.any() and (x.min() < low or x.max() > high):
                problems.append(f"x runs from {x.min():g} to {x.max():g}, outside its range={self.range}")
        y = self.y
        if y is not None:
            y = torch.as_tensor(np.asarray(y)) if not isinstance(y, torch.Tensor) else y
            if y.shape != (len(x),):
                problems.append(f"y has shape {tuple(y.shape)}: one label a row is ({len(x)},)")
            elif y.is_floating_point() or y.dtype == torch.bool or y.min() < 0 or y.max() >= 1000:
                problems.append(f"y of type {y.dtype} must hold whole numbers 0, 1, 2, ... below 1000")
            else:
                y = y.long()
        if problems:
            raise ValueError(f"Dataset {self.name!r}: {len(problems)} problem(s)\n  " + "\n  ".join(problems))
        set_ = functools.partial(object.__setattr__, self)
        set_("x", x), set_("y", y)
        if self.modes is not None:
            set_("modes", _as_tensor(self.modes, "modes"))

    @property
    def shape(self):
        """Shape of one row: (2,) for points in the plane, (1, 8, 8) for a digit."""
        return tuple(self.x.shape[1:])

    @property
    def classes(self):
        """Number of labels, 0 where there are none."""
        return 0 if self.y is None else int(self.y.max()) + 1

    @functools.cached_property
    def fingerprint(self):
        """16 hexadecimal digits that change when any value or label does."""
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
    _positive(modes=modes, n=n, radius=radius, spread=spread)
    angle = 2 * math.pi * torch.arange(modes) / modes
    centres = radius * torch.stack([angle.cos(), angle.sin()], 1)  # (modes, 2)
    return _clusters("ring", centres, n, seed, spread, labels, dict(modes=modes, n=n, seed=seed, radius=radius, spread=spread))


def grid(side=5, n=4000, seed=1, *, spacing=1.0, spread=0.05, labels=False):
    """Gaussian clusters on a square grid of `side` by `side`: harder than the ring, with 25 modes by default."""
    _positive(side=side, n=n, spacing=spacing, spread=spread)
    axis = spacing * (torch.arange(side) - (side - 1) / 2)
    centres = torch.cartesian_prod(axis, axis)  # (side**2, 2)
    return _clusters("grid", centres, n, seed, spread, labels, dict(side=side, n=n, seed=seed, spacing=spacing, spread=spread))


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


def shipped(room):
    """Folder of files that come with genlab: ``shipped("datasets")`` or ``shipped("notebooks")``.

    A built wheel holds them inside the package; in a checkout of the repository they stand beside it.
    """
    here = pathlib.Path(__file__).parent
    for folder in (here / "_share" / room, here.parent / room):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"genlab came without its folder {room!r}: install it again (pip install --force-reinstall genlab)")


def read(name):
    """Path of a shipped file, after its digest has been checked."""
    path = shipped("datasets") / name
    mend = "install genlab again (pip install --force-reinstall genlab), or restore the file from the repository"
    if not path.is_file():
        raise FileNotFoundError(f"the data file {name} is missing: {mend}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != FILES[name]:
        raise ValueError(f"the data file {name} is damaged (its SHA-256 is not the recorded one): {mend}")
    return path


def _as_tensor(values, name):
    """`values` as a tensor of torch's default float type, or an error that says what they are instead."""
    if not isinstance(values, torch.Tensor):
        array = np.asarray(values)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"{name} holds {array.dtype} values ({type(values).__name__}): only numbers can be learned")
        values = torch.from_numpy(np.ascontiguousarray(array, dtype=np.float64))
    elif values.is_complex():
        raise TypeError(f"{name} holds {values.dtype} values: only real numbers can be learned")
    return values.detach().to(device="cpu", dtype=torch.get_default_dtype())


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
        spread=spread,
        call=call | dict(labels=labels),
    )


def _positive(**values):
    bad = [f"{name}={value!r}: must be above 0" for name, value in values.items() if not value > 0]
    if bad:
        raise ValueError("; ".join(bad))
