"""Metrics by a held-back classifier, trained on the training rows only and checked on held-out ones.

Its last hidden layer gives the features in which sets of images are compared, as Heusel et al. (2017) do with a far
larger network. Its scores are comparable with one another, never with published ones.
"""

import functools

import torch

from genlab import datasets
from genlab.metrics.score import Score, checked, on_one_thread, once, shuffled
from genlab.parts import Scale


class Judge:
    """A small classifier fitted on `train`, with its accuracy on `held_out`.

    Parameters
    ----------
    train, held_out : Dataset
        Labelled rows of the same shape, none of them in both.
    seed : int

    Attributes
    ----------
    accuracy : float
        Share of the held-out rows that it classifies rightly.
    """

    def __init__(self, train, held_out, *, seed=0):
        problems = [
            f"{name} ({data.name!r}) has no labels: give y"
            for name, data in dict(train=train, held_out=held_out).items()
            if data.y is None
        ]
        if train.shape != held_out.shape:
            problems.append(f"train has rows of shape {train.shape}, held_out of {held_out.shape}: they must be alike")
        if train.fingerprint == held_out.fingerprint:
            problems.append(
                "train and held_out are the same rows: a judge is to be checked on rows that it has not seen"
            )
        if problems:
            raise ValueError("Judge: " + "; ".join(problems))
        self.train, self.held_out, self.seed = train, held_out, seed
        self._scale = Scale.of(train)
        self._labels, self._layers = _fitted(self._flat(train.x), train.y, seed)
        self.accuracy = (self.classify(held_out.x) == held_out.y).double().mean().item()

    @on_one_thread
    def features(self, x):
        """What the last hidden layer (64 units) makes of native rows x: (n, 64) in float64."""
        h = self._flat(x)  # (n, d)
        for weight, bias in self._layers[:-1]:
            h = (h @ weight + bias).relu()
        return h

    def probabilities(self, x):
        """How likely each label is for native rows x: (n, classes), rows adding up to 1."""
        weight, bias = self._layers[-1]
        return (self.features(x) @ weight + bias).softmax(1)

    def classify(self, x):
        """The likeliest label of native rows x: (n,)."""
        return self._labels[self.probabilities(x).argmax(1)]

    def _flat(self, x):
        x = torch.as_tensor(x, dtype=self.train.x.dtype)
        if x.dim() < 2 or tuple(x.shape[1:]) != self.train.shape:
            raise ValueError(
                f"x has shape {tuple(x.shape)}: this judge takes rows of shape {self.train.shape}, (n, *shape)"
            )
        if not torch.isfinite(x).all():
            raise ValueError("x has NaN or infinite values: a judge has no opinion on them")
        return self._scale.forward(x).flatten(1).double()

    def __repr__(self):
        return f"Judge({self.train.name!r}: right on {100 * self.accuracy:.1f} % of {len(self.held_out)} held-out rows)"


@functools.lru_cache(maxsize=8)
def judge(data="digits", *, seed=0):
    """The judge for shipped data by name: fitted on its training split, checked on its test split; made once.

    Parameters
    ----------
    data : str
        Name of a loader in ``genlab.datasets`` with splits and labels.
    """
    if data != "digits":
        raise ValueError(
            f"data={data!r}: shipped data with a judge are 'digits'; for your own rows use Judge(train, held_out)"
        )
    loader = getattr(datasets, data)
    return Judge(loader(split="train"), loader(split="test"), seed=seed)


def classes_covered(x, judge):
    """How many labels have at least 2 % of the samples, counting those that the judge is more than 90 % sure of."""
    x = checked(x, judge.train, 100, "classes_covered")

    def count(rows):
        sure, label = judge.probabilities(rows).max(1)
        share = torch.bincount(label[sure > 0.9]) / len(rows)
        return int((share >= 0.02).sum())

    floor = once((_key(judge), "classes"), lambda: count(judge.held_out.x))
    return Score(count(x), name="classes covered", floor=floor)


def label_control(x, y, judge):
    """Share of samples that the judge gives the label y, shape (n,), they were asked for; floor: real rows and their labels."""
    x = checked(x, judge.train, 20, "label_control")
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


# -- how it is done ---------------------------------------------------------------------------------------------------


def _fitted(x, y, seed):
    """Labels and layers (weight, bias) of a classifier with hidden layers of 128 and 64 units."""
    from sklearn.neural_network import MLPClassifier
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        network = MLPClassifier((128, 64), max_iter=500, random_state=seed).fit(x.numpy(), y.numpy())
    layers = [tuple(map(torch.as_tensor, layer)) for layer in zip(network.coefs_, network.intercepts_, strict=True)]
    if len(network.classes_) == 2:  # of two labels the second one's logit is given; the first one's is 0
        layers[-1] = tuple(torch.cat([torch.zeros_like(part), part], -1) for part in layers[-1])
    return torch.as_tensor(network.classes_), layers


def _key(judge):
    return judge.train.fingerprint, judge.held_out.fingerprint, judge.seed


@on_one_thread
def _judged(x, data, judge, name, measure):
    """A comparison of x with data in the judge's features, and its floor."""
    x, m = checked(x, judge.train, 100, name), min(len(x), len(data))
    other = judge.train if data.fingerprint != judge.train.fingerprint else judge.held_out
    m = min(m, len(other))
    if m < 100:
        raise ValueError(f"{name}: only {m} real rows to compare with; needs 100 or more")

    def of(rows, like):
        return shuffled(judge.features(rows))[:m], shuffled(judge.features(like))[:m]

    floor = once((_key(judge), data.fingerprint, name, m), lambda: measure(*of(other.x, data.x)))
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
