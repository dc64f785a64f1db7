"""The held-back classifier that judges made images: trained on the training rows only, checked on held-out ones.

Its last hidden layer gives the features in which :mod:`genlab.metrics` compares sets of images, as Heusel et al. (2017)
do with a far larger network. Its scores are therefore comparable with one another, never with published ones.
"""

import functools

import torch

from genlab import datasets
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
        from sklearn.neural_network import MLPClassifier

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
        self._network = MLPClassifier((128, 64), max_iter=500, random_state=seed)
        self._network.fit(self._flat(train.x), train.y.numpy())
        self.accuracy = (self.classify(held_out.x) == held_out.y).double().mean().item()

    def features(self, x):
        """What the last hidden layer (64 units) makes of native rows x: (n, 64) in float64."""
        h = torch.as_tensor(self._flat(x))  # (n, d)
        for weight, bias in zip(self._network.coefs_[:-1], self._network.intercepts_[:-1], strict=True):
            h = (h @ torch.as_tensor(weight) + torch.as_tensor(bias)).relu()
        return h

    def probabilities(self, x):
        """How likely each label is for native rows x: (n, classes), rows adding up to 1."""
        return torch.as_tensor(self._network.predict_proba(self._flat(x)))

    def classify(self, x):
        """The likeliest label of native rows x: (n,)."""
        return torch.as_tensor(self._network.predict(self._flat(x)))

    def _flat(self, x):
        x = torch.as_tensor(x, dtype=self.train.x.dtype)
        if x.dim() < 2 or tuple(x.shape[1:]) != self.train.shape:
            raise ValueError(
                f"x has shape {tuple(x.shape)}: this judge takes rows of shape {self.train.shape}, (n, *shape)"
            )
        if not torch.isfinite(x).all():
            raise ValueError("x has NaN or infinite values: a judge has no opinion on them")
        return self._scale.forward(x).flatten(1).double().numpy()

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
