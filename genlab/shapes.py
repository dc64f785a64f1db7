"""Shapes in the plane, drawn at random: clusters on a ring or a grid, two half circles, a spiral, a straight band.

Each function checks its arguments and gives a :class:`Shape`; the Dataset of it is made in ``genlab.datasets``.
"""

import math
import numbers
from typing import NamedTuple

import torch

from genlab.rows import LARGEST, MAX_LABELS, MAX_VALUES, is_whole

MOST = dict(modes=MAX_LABELS, side=math.isqrt(MAX_LABELS), n=MAX_VALUES // 2)
TURNS = 100  # of a spiral: more would be closer together than float32 can tell


class Shape(NamedTuple):
    """Points of the plane (n, 2), what part of the shape each is of (n,), the clusters' centres, the arguments."""

    x: torch.Tensor
    y: torch.Tensor | None
    modes: torch.Tensor | None
    call: dict


def ring(modes, n, seed, radius, spread):
    """Gaussian clusters evenly spaced on a circle."""
    _check(dict(modes=modes, n=n, seed=seed), dict(radius=radius, spread=spread))
    angle = 2 * math.pi * torch.arange(modes) / modes
    centres = radius * torch.stack([angle.cos(), angle.sin()], 1)  # (modes, 2)
    return _clusters(centres, n, seed, spread, dict(modes=int(modes), radius=float(radius)))


def grid(side, n, seed, spacing, spread):
    """Gaussian clusters on a square grid."""
    _check(dict(side=side, n=n, seed=seed), dict(spacing=spacing, spread=spread))
    axis = spacing * (torch.arange(side) - (side - 1) / 2)
    centres = torch.cartesian_prod(axis, axis)  # (side**2, 2)
    return _clusters(centres, n, seed, spread, dict(side=int(side), spacing=float(spacing)))


def moons(n, seed, spread):
    """Two half circles of radius 1 that reach into each other, centred on 0."""
    _check(dict(n=n, seed=seed), dict(spread=spread))
    rng = torch.Generator().manual_seed(int(seed))
    y = torch.randint(2, (int(n),), generator=rng)
    angle = math.pi * (torch.rand(int(n), generator=rng) + y)  # the upper half, or the lower one
    x = torch.stack([angle.cos() + y - 0.5, angle.sin() + 0.5 * y - 0.25], 1)
    return Shape(_blurred(x, spread, rng), y, None, _call(n, seed, spread))


def spiral(n, seed, turns, spread):
    """One arm from the centre out to radius 2, as dense outside as inside."""
    _check(dict(n=n, seed=seed), dict(turns=turns, spread=spread))
    rng = torch.Generator().manual_seed(int(seed))
    way = torch.rand(int(n), generator=rng).sqrt()  # share of the turns made: the arm grows longer with each
    angle = 2 * math.pi * float(turns) * way
    x = 2 * way[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
    return Shape(_blurred(x, spread, rng), None, None, dict(turns=float(turns)) | _call(n, seed, spread))


def line(n, seed, spread):
    """A straight band along the diagonal, from (-1.5, -1.5) to (1.5, 1.5)."""
    _check(dict(n=n, seed=seed), dict(spread=spread))
    rng = torch.Generator().manual_seed(int(seed))
    along = 3 * torch.rand(int(n), 1, generator=rng) - 1.5
    return Shape(_blurred(along.expand(-1, 2), spread, rng), None, None, _call(n, seed, spread))


def _clusters(centres, n, seed, spread, call):
    rng = torch.Generator().manual_seed(int(seed))
    y = torch.randint(len(centres), (int(n),), generator=rng)
    return Shape(_blurred(centres[y], spread, rng), y, centres, call | _call(n, seed, spread))


def _blurred(x, spread, rng):
    return x + spread * torch.randn(len(x), 2, generator=rng)


def _call(n, seed, spread):
    """The arguments that all shapes take, as Python's own numbers."""
    return dict(n=int(n), seed=int(seed), spread=float(spread))


def _check(whole, positive):
    """Raise one error that lists the arguments that cannot be."""
    bad = []
    for name, value in whole.items():
        low, high = (0, 2**63 - 1) if name == "seed" else (1, MOST[name])
        if not is_whole(value, low, high):
            bad.append(f"{name}={value!r}: must be a whole number from {low} to {high:,}")
    for name, value in positive.items():
        if not (isinstance(value, numbers.Real) and 0 < value < LARGEST):
            bad.append(f"{name}={value!r}: must be a number above 0")
        elif name == "turns" and value > TURNS:
            bad.append(f"turns={value!r}: must be a number above 0, at most {TURNS}")
    if bad:
        raise ValueError("; ".join(bad))
