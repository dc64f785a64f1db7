"""A score and its floor, and the checks that every metric makes first."""

import functools
import math

import torch

from genlab import parts


class Score(float):
    """A number with its name and its floor: what fresh real rows score, NaN where that has no meaning."""

    def __new__(cls, value, *, name="score", floor=math.nan):
        self = super().__new__(cls, value)
        self.name, self.floor = name, float(floor)
        return self

    def __getnewargs_ex__(self):
        return (float(self),), dict(name=self.name, floor=self.floor)

    def __repr__(self):
        beside = "" if math.isnan(self.floor) else f" (real data: {self.floor:.3g})"
        return f"{self.name} {float(self):.3g}{beside}"


_FLOORS = {}


def once(key, make):
    """What `make` gave for this key before, or gives now; the oldest of many are forgotten."""
    if key not in _FLOORS:
        while len(_FLOORS) >= 256:
            del _FLOORS[next(iter(_FLOORS))]
        _FLOORS[key] = make()
    return _FLOORS[key]


def checked(x, data, least, name):
    """x as a tensor like the data's, checked: finite rows of the data's shape, at least `least` of them."""
    x = torch.as_tensor(x).detach().to("cpu", data.x.dtype)
    if tuple(x.shape[1:]) != data.shape:
        stack = (
            "; this looks like a stack: score its members one by one, x[k]" if tuple(x.shape[2:]) == data.shape else ""
        )
        raise ValueError(
            f"{name}: x has shape {tuple(x.shape)}, the data {data.name!r} have rows of shape {data.shape}{stack}"
        )
    if len(x) < least:
        raise ValueError(
            f"{name}: x has {len(x)} rows, too few to tell; give at least {least}, for example model.sample({least})"
        )
    bad = ~torch.isfinite(x).flatten(1).all(1)
    if bad.any():
        raise ValueError(
            f"{name}: {int(bad.sum())} of {len(x)} rows of x have NaN or infinite values; the model has diverged"
        )
    return x


def shuffled(x, seed=0):
    """Rows in a fixed random order, so that the first m of sorted rows are a fair sample."""
    return x[torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))]


def on_one_thread(function):
    """Run on one thread: on sets this small the others only wait, and on a busy machine they wait long."""

    @functools.wraps(function)
    def run(*args, **kwargs):
        with parts.threads(1):
            return function(*args, **kwargs)

    return run
