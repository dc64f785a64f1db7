"""What "good" means, each number beside what fresh real rows score themselves: its noise floor.

Without a judge: sliced Wasserstein distance (Rabin et al., 2011; Bonneel et al., 2015), modes covered, sharpness,
straightness of a path, and nearness to the training rows. With a judge (:mod:`genlab.judge`): classes covered, Fréchet
distance (Heusel et al., 2017), precision and recall (Kynkäänniemi et al., 2019), and label control.

Sets are compared at equal size, because each of these numbers depends on it. Nothing here decides what is good enough,
and no number of this kind shows that the rows of a training set are kept private.
"""

import dataclasses
import math

import torch
from torch.nn.functional import conv2d

from genlab import datasets
from genlab.judge import Judge, judge

__all__ = [
    "Judge", "Nearest", "Score", "classes_covered", "distance", "frechet", "imbalance", "judge", "label_control",
    "modes_covered", "nearest", "precision", "quality", "recall", "share_near", "sharpness", "straightness",
]  # fmt: skip

NEAR = 3.0  # standard deviations within which a sample counts as near a mode


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


def quality(x, data):
    """The cheap panel of a live lab, a few milliseconds: "distance", and "modes" where the data's modes are known.

    Parameters
    ----------
    x : Tensor, shape (n, *shape)
    data : Dataset

    Returns
    -------
    dict of name -> Score
    """
    panel = {"distance": distance(x, data)}
    if datasets.as_dataset(data).modes is not None:
        panel["modes"] = modes_covered(x, data)
    return panel


def distance(x, data):
    """Sliced Wasserstein-1 distance in native units: how far mass must move, seen along fixed directions, on average.

    Compared are m = min(n, half of the data) rows of each; the floor is one half of the data against the other, m
    rows of each. A shift by s in the plane scores 0.64 s.

    Parameters
    ----------
    x : Tensor, shape (n, *shape)
        At least 20 rows.
    data : Dataset
    """
    data = datasets.as_dataset(data)
    x = _rows(x, data, 20, "distance").flatten(1)
    m = min(len(x), len(data) // 2)

    def reference():
        lines = _directions(math.prod(data.shape)).to(data.x.dtype)  # (d, lines)
        halves = _shuffled(data.x.flatten(1)).split(len(data) // 2)[:2]
        one, other = ((half[:m] @ lines).sort(0).values for half in halves)  # (m, lines)
        return lines, one, (one - other).abs().mean().item()

    lines, real, floor = _once((data.fingerprint, "distance", m), reference)
    made = (_shuffled(x)[:m] @ lines).sort(0).values
    return Score((made - real).abs().mean().item(), name="distance", floor=floor)


def modes_covered(x, data):
    """How many modes hold at least a quarter of their fair share of the samples within 3 standard deviations."""
    return _of_modes(x, data, "modes covered", lambda d, spread: int(_covered(d, spread).sum()))


def share_near(x, data):
    """Share of the samples within 3 standard deviations of a mode."""
    return _of_modes(
        x, data, "share near a mode", lambda d, spread: (d.min(1).values < NEAR * spread).double().mean().item()
    )


def imbalance(x, data):
    """Kullback-Leibler divergence (nats) of the samples' nearest modes from an even split: 0 even, log(modes) all in one."""
    return _of_modes(x, data, "imbalance", lambda d, spread: _kl_from_even(d.argmin(1), d.shape[1]))


def classes_covered(x, judge):
    """How many labels have at least 2 % of the samples, counting those that the judge is more than 90 % sure of."""
    x = _rows(x, judge.train, 100, "classes_covered")

    def count(rows):
        sure, label = judge.probabilities(rows).max(1)
        share = torch.bincount(label[sure > 0.9], minlength=judge.train.classes) / len(rows)
        return int((share >= 0.02).sum())

    floor = _once((_key(judge), "classes"), lambda: count(judge.held_out.x))
    return Score(count(x), name="classes covered", floor=floor)


def label_control(x, y, judge):
    """Share of samples that the judge gives the label y, shape (n,), they were asked for; floor: real rows and their labels."""
    x = _rows(x, judge.train, 20, "label_control")
    y = torch.as_tensor(y).expand(len(x))
    return Score((judge.classify(x) == y).double().mean().item(), name="label control", floor=judge.accuracy)


def frechet(x, data, judge):
    """Fréchet distance between Gaussians fitted to the judge's features of x and of data (Heusel et al., 2017).

    The floor is the judge's other split against `data` at the same number of rows. Differences in what the judge
    has no feature for are not seen.

    Parameters
    ----------
    x : Tensor, shape (n, *shape)
        At least 100 rows; m = min(n, len(data)) are compared.
    data : Dataset
        The real rows to compare with: held-out ones, to be fair to a model that copies.
    judge : Judge
    """
    return _judged(x, data, judge, "frechet", _frechet)


def precision(x, data, judge):
    """Share of samples that fall among the real rows: in a ball that reaches a real row's 5th neighbour.

    In the judge's features, at equal numbers of rows (Kynkäänniemi et al., 2019).
    """
    return _judged(x, data, judge, "precision", lambda made, real: _share_inside(made, real))


def recall(x, data, judge):
    """Share of real rows that fall among the samples: :func:`precision` with the two sets exchanged."""
    return _judged(x, data, judge, "recall", lambda made, real: _share_inside(real, made))


@dataclasses.dataclass
class Nearest:
    """How near samples come to the training rows, against as many held-out ones.

    Attributes
    ----------
    train, held_out : float
        Mean distance of a sample to the nearest of m training rows, and of m held-out rows.
    low, high : float
        Between which held_out - train falls in 95 % of random splits of all real rows: what chance alone does.
    """

    train: float
    held_out: float
    low: float
    high: float

    @property
    def nearer(self):
        """Whether samples are nearer to the training rows than chance explains."""
        return self.held_out - self.train > self.high

    def __str__(self):
        return (
            f"nearest training row {self.train:.3f} away, nearest of as many held-out rows {self.held_out:.3f}: "
            f"{self.held_out - self.train:+.3f}, where chance alone gives {self.low:+.3f} to {self.high:+.3f}: "
            + ("nearer to the training rows than chance explains" if self.nearer else "no nearer within noise")
        )


def nearest(x, train, held_out):
    """Whether samples lie nearer to the rows that a model learned from than to rows it never saw.

    If it copies nothing, the two kinds of row could be exchanged: so their difference is compared with that of 199
    random splits of all rows together. Distances are Euclidean, in native units.

    Parameters
    ----------
    x : Tensor, shape (n, *shape)
    train, held_out : Dataset
        Disjoint; at least 20 rows each, and no more held-out rows than training rows.

    Returns
    -------
    Nearest
    """
    if not 20 <= len(held_out) <= len(train):
        raise ValueError(
            f"nearest: {len(train)} training and {len(held_out)} held-out rows; needs 20 or more, held out at most as many"
        )
    x, m = _rows(x, train, 20, "nearest"), len(held_out)
    real = torch.cat([_rows(held_out.x, train, 20, "nearest"), train.x]).flatten(1)
    away = torch.cdist(x.flatten(1), real)  # (n, held out and then train)
    rng = torch.Generator().manual_seed(0)

    def means(columns):
        blocks = [away[:, block].min(1).values.mean().item() for block in columns.split(m) if len(block) == m]
        return blocks[0], sum(blocks[1:]) / len(blocks[1:])  # held out; train, in sets of as many

    columns = torch.cat([torch.arange(m), m + torch.randperm(len(train), generator=rng)])
    far, near = means(columns)
    chance = [a - b for a, b in (means(torch.randperm(len(real), generator=rng)) for _ in range(199))]
    low, high = torch.tensor(chance).quantile(torch.tensor([0.025, 0.975])).tolist()
    return Nearest(near, far, low, high)


def sharpness(x, data):
    """Energy of the Laplacian (each pixel against its four neighbours) by that of the pixels: low when blurred.

    Noise scores above any photograph, so the real data's value, its floor, is the aim and not a bound to pass.

    Parameters
    ----------
    x : Tensor, shape (n, channels, height, width), at least 3x3 pixels
    data : Dataset
    """
    data = datasets.as_dataset(data)
    if len(data.shape) != 3 or min(data.shape[1:]) < 3:
        raise ValueError(
            f"data {data.name!r} have rows of shape {data.shape}: sharpness needs images of 3x3 pixels or more"
        )
    x = _rows(x, data, 1, "sharpness")
    floor = _once((data.fingerprint, "sharpness"), lambda: _laplacian_share(data.x))
    return Score(_laplacian_share(x), name="sharpness", floor=floor)


def straightness(points):
    """Straight distance from end to end of a path, by its length: 1 for a straight line, towards 0 for a tangle.

    Parameters
    ----------
    points : Tensor, shape (m, d), or (paths, m, d) for the mean over paths
        At least three points a path.
    """
    points = torch.as_tensor(points)
    if points.dim() not in (2, 3) or points.shape[-2] < 3 or not torch.isfinite(points).all():
        raise ValueError(
            f"points has shape {tuple(points.shape)}: needs (m, d) or (paths, m, d), m of 3 or more, all finite"
        )
    length = points.diff(dim=-2).norm(dim=-1).sum(-1)  # () or (paths,)
    if (length == 0).any():
        raise ValueError("points do not move along a path: its straightness has no meaning; take another path")
    chord = (points[..., -1, :] - points[..., 0, :]).norm(dim=-1)
    return Score((chord / length).mean().item(), name="straightness")


# -- how it is done ---------------------------------------------------------------------------------------------------

_FLOORS = {}


def _once(key, make):
    """What `make` gave for this key before, or gives now; the oldest of many are forgotten."""
    if key not in _FLOORS:
        while len(_FLOORS) >= 256:
            del _FLOORS[next(iter(_FLOORS))]
        _FLOORS[key] = make()
    return _FLOORS[key]


def _rows(x, data, least, name):
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


def _shuffled(x):
    """Rows in a fixed random order, so that the first m of sorted rows are a fair sample."""
    return x[torch.randperm(len(x), generator=torch.Generator().manual_seed(0))]


def _directions(d):
    """Unit directions to look along, (d, lines): even angles in the plane, fixed random ones elsewhere."""
    if d == 2:
        angle = torch.arange(32) * math.pi / 32
        return torch.stack([angle.cos(), angle.sin()])
    lines = torch.randn(d, 1 if d == 1 else 64, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return lines / lines.norm(dim=0)


def _of_modes(x, data, name, measure):
    data = datasets.as_dataset(data)
    if data.modes is None or not data.spread:
        raise ValueError(
            f"{name}: the modes of {data.name!r} are not known; give Dataset modes= and spread=, or use metrics.distance"
        )
    x = _rows(x, data, 10 * len(data.modes), name)

    def of(rows):
        return measure(torch.cdist(rows, data.modes), data.spread)  # distances (n, modes)

    floor = _once((data.fingerprint, name, data.spread, len(x)), lambda: of(_shuffled(data.x)[: len(x)]))
    return Score(of(x), name=name, floor=floor)


def _covered(away, spread):
    near = (away < NEAR * spread).sum(0)  # (modes,)
    return near >= len(away) / away.shape[1] / 4


def _kl_from_even(label, kinds):
    share = torch.bincount(label, minlength=kinds).double() / len(label)
    return torch.special.xlogy(share, share * kinds).sum().item()


def _key(judge):
    return judge.train.fingerprint, judge.held_out.fingerprint, judge.seed


def _judged(x, data, judge, name, measure):
    """A comparison of x with data in the judge's features, and its floor."""
    x, m = _rows(x, judge.train, 100, name), min(len(x), len(data))
    other = judge.train if data.fingerprint != judge.train.fingerprint else judge.held_out
    m = min(m, len(other))
    if m < 100:
        raise ValueError(f"{name}: only {m} real rows to compare with; needs 100 or more")

    def of(rows, like):
        return _shuffled(judge.features(rows))[:m], _shuffled(judge.features(like))[:m]

    floor = _once((_key(judge), data.fingerprint, name, m), lambda: measure(*of(other.x, data.x)))
    return Score(measure(*of(x, data.x)), name=name, floor=floor)


def _frechet(a, b):
    """|mean difference|² + trace(A + B - 2 (A B)^(1/2)) for covariances A and B."""
    mean = (a.mean(0) - b.mean(0)).square().sum()
    cov_a, cov_b = a.T.cov(), b.T.cov()
    values, vectors = torch.linalg.eigh(cov_a)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp_min(0).sqrt().sum()  # trace of (A B)^(1/2)
    return (mean + cov_a.trace() + cov_b.trace() - 2 * cross).clamp_min(0).item()


def _share_inside(points, centres, k=5):
    """Share of points within some centre's distance to its k-th nearest other centre."""
    radius = torch.cdist(centres, centres).kthvalue(k + 1).values  # (m,); the nearest of all is itself
    return (torch.cdist(points, centres) <= radius).any(1).double().mean().item()


def _laplacian_share(x):
    kernel = torch.tensor([[0, -1, 0], [-1, 4, -1], [0, -1, 0]], dtype=x.dtype)[None, None]
    pixels = x.flatten(0, 1)[:, None]  # (n * channels, 1, height, width)
    energy = (x - x.mean((-2, -1), keepdim=True)).square().mean().item()
    return conv2d(pixels, kernel).square().mean().item() / energy if energy > 0 else 0.0
