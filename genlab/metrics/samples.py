"""Metrics that need no judge: distance, modes covered, sharpness, straightness, nearness to the training rows."""

import dataclasses
import math

import torch
from torch.nn.functional import conv2d

from genlab import datasets
from genlab.metrics.score import Score, checked, on_one_thread, once, shuffled

SPLITS = 8  # ways to halve the data that a floor of the distance is a mean of
NEAR = 3.0  # standard deviations within which a sample counts as near a mode


def quality(x, data):
    """The cheap panel of a live lab, a few milliseconds: "distance", and "modes" where the data's
    modes are known; of texts "pairs".

    Parameters
    ----------
    x : Tensor, shape (n, *shape)
    data : Dataset

    Returns
    -------
    dict of name -> Score
    """
    data = datasets.as_dataset(data)
    if data.symbols:
        return {"pairs": pairs(x, data)}
    panel = {"distance": distance(x, data)}
    if data.modes is not None:
        panel["modes"] = modes_covered(x, data)
    return panel


@on_one_thread
def distance(x, data):
    """Sliced Wasserstein-1 distance in native units: how far mass must move, seen along fixed directions, on average.

    Compared are m = min(n, half of the data) rows of each; the floor is one half of the data against the other, m
    rows of each, on average over `SPLITS` ways to halve them: one alone is as uncertain as the distance. A shift by s
    in the plane scores 0.64 s.

    Parameters
    ----------
    x : Tensor, shape (n, *shape)
        At least 20 rows.
    data : Dataset
    """
    data = datasets.as_dataset(data)
    x = checked(x, data, 20, "distance").flatten(1)
    m = min(len(x), len(data) // 2)

    def reference():
        lines = _directions(math.prod(data.shape)).to(data.x.dtype)  # (d, lines)
        seen, apart = data.x.flatten(1) @ lines, []  # (n, lines)
        for seed in range(SPLITS):
            halves = shuffled(seen, seed).split(len(data) // 2)[:2]
            one, other = (half[:m].sort(0).values for half in halves)  # (m, lines)
            apart.append((one - other).abs().mean().item())
        return lines, one, sum(apart) / SPLITS

    lines, real, floor = once((data.fingerprint, "distance", m), reference)
    made = (shuffled(x)[:m] @ lines).sort(0).values
    return Score((made - real).abs().mean().item(), name="distance", floor=floor)


@on_one_thread
def pairs(x, data):
    """How far texts are from real ones by their pairs of neighbouring symbols: total variation, 0 alike to 1 none shared.

    Starts and ends of texts count as neighbours too. Compared are m = min(n, half of the data) texts of each; the floor
    is one half of the data against the other, as for :func:`distance`. Nothing beyond neighbours is seen.

    Parameters
    ----------
    x : Tensor of symbol numbers, shape (n, T)
        At least 20 rows.
    data : Dataset
        With `levels`.
    """
    data = datasets.as_dataset(data)
    if not data.levels or len(data.shape) != 1:
        raise ValueError(f"data {data.name!r} are no texts: pairs are of rows of symbol numbers, with levels=")
    x = checked(x, data, 20, "pairs")
    m = min(len(x), len(data) // 2)

    def reference():
        halves = [shuffled(data.x, seed).split(len(data) // 2)[:2] for seed in range(SPLITS)]
        shares = [[_pair_shares(half[:m], data) for half in two] for two in halves]
        return shares[-1][0], sum((one - other).abs().sum().item() / 2 for one, other in shares) / SPLITS

    real, floor = once((data.fingerprint, "pairs", m), reference)
    made = _pair_shares(shuffled(x)[:m], data)
    return Score((made - real).abs().sum().item() / 2, name="pairs", floor=floor)


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


@on_one_thread
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
    x, m = checked(x, train, 20, "nearest"), len(held_out)
    real = torch.cat([checked(held_out.x, train, 20, "nearest"), train.x]).flatten(1)
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
    return _of_images(x, data, "sharpness", _laplacian_share)


def detail(x, data):
    """Share of the energy that lies in fine detail, in waves shorter than four pixels: low when blurred, high for noise.

    Parameters
    ----------
    x : Tensor, shape (n, channels, height, width), at least 3x3 pixels
    data : Dataset
    """
    return _of_images(x, data, "detail", _short_wave_share)


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


def _directions(d):
    """Unit directions to look along, (d, lines): even angles in the plane, fixed random ones elsewhere."""
    if d == 2:
        angle = torch.arange(32) * math.pi / 32
        return torch.stack([angle.cos(), angle.sin()])
    lines = torch.randn(d, 1 if d == 1 else 64, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return lines / lines.norm(dim=0)


def _pair_shares(x, data):
    """Share of each pair of neighbours, (levels + 1) ** 2; before a text stands a number of its own, behind its end nothing."""
    start = data.levels
    x = torch.cat([torch.full((len(x), 1), float(start)), x], 1).round().long()  # (n, T + 1)
    pair = x[:, :-1] * (start + 1) + x[:, 1:]
    if data.end is not None:
        pair = pair[x[:, :-1] != data.end]
    return torch.bincount(pair.flatten(), minlength=(start + 1) ** 2).double() / pair.numel()


@on_one_thread
def _of_modes(x, data, name, measure):
    data = datasets.as_dataset(data)
    if data.modes is None or not data.spread:
        raise ValueError(
            f"{name}: the modes of {data.name!r} are not known; give Dataset modes= and spread=, or use metrics.distance"
        )
    x = checked(x, data, 10 * len(data.modes), name)

    def of(rows):
        return measure(torch.cdist(rows, data.modes), data.spread)  # distances (n, modes)

    key = (data.fingerprint, name, data.spread, str(data.modes), len(x))
    floor = once(key, lambda: of(shuffled(data.x)[: len(x)]))
    return Score(of(x), name=name, floor=floor)


def _covered(away, spread):
    near = (away < NEAR * spread).sum(0)  # (modes,)
    return near >= len(away) / away.shape[1] / 4


def _kl_from_even(label, kinds):
    share = torch.bincount(label, minlength=kinds).double() / len(label)
    return torch.special.xlogy(share, share * kinds).sum().item()


def _of_images(x, data, name, measure):
    data = datasets.as_dataset(data)
    if len(data.shape) != 3 or min(data.shape[1:]) < 3:
        raise ValueError(
            f"data {data.name!r} have rows of shape {data.shape}: {name} needs images of 3x3 pixels or more"
        )
    x = checked(x, data, 1, name)
    return Score(measure(x), name=name, floor=once((data.fingerprint, name), lambda: measure(data.x)))


def _short_wave_share(x):
    energy = torch.fft.fft2(x - x.mean((-2, -1), keepdim=True)).abs().square().sum((0, 1))  # (height, width)
    up, across = (torch.fft.fftfreq(size) for size in energy.shape)  # waves a pixel
    short = torch.hypot(*torch.meshgrid(up, across, indexing="ij")) > 0.25
    return (energy[short].sum() / energy.sum()).item() if energy.sum() > 0 else 0.0


def _laplacian_share(x):
    kernel = torch.tensor([[0, -1, 0], [-1, 4, -1], [0, -1, 0]], dtype=x.dtype)[None, None]
    pixels = x.flatten(0, 1)[:, None]  # (n * channels, 1, height, width)
    energy = (x - x.mean((-2, -1), keepdim=True)).square().mean().item()
    return conv2d(pixels, kernel).square().mean().item() / energy if energy > 0 else 0.0
