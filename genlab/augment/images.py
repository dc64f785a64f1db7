"""Images added to few real ones: repeated, moved, or made by a VAE or a GAN that learned from these few alone.

Two learners are given them, because they lack different things: a support vector machine, which bends as it needs to, and
a logistic regression, which cannot. Each chooses its knob by real rows that no arm learns from, alike for all arms.
"""

import dataclasses

import numpy as np
import torch

from genlab import gan, training, vae
from genlab.augment.study import NONE, Experiment, deal
from genlab.datasets import digits
from genlab.parts import threads

STEPS = dict(VAE=800, GAN=800)
SHIFT = 0.5  # pixels, at most, by which a real image is moved each way
KNOBS = {"support vectors": (3.0, 30.0), "logistic regression": (0.1, 1.0, 10.0, 100.0)}  # C of each


def repeated(few, n, seed):
    """The rows themselves once more: what a larger number of rows does by itself."""
    own = np.random.default_rng([seed, 1]).integers(len(few), size=n)
    return few.x[own], few.y[own]


def moved(few, n, seed):
    """Real images, shifted by part of a pixel: no model, but somebody's knowledge that a digit stays the same digit."""
    from scipy.ndimage import shift

    rng = np.random.default_rng([seed, 2])
    own, ways = rng.integers(len(few), size=n), rng.uniform(-SHIFT, SHIFT, size=(n, 2))
    made = [shift(few.x[i, 0].numpy(), way, order=1) for i, way in zip(own, ways, strict=True)]
    return torch.from_numpy(np.stack(made))[:, None], few.y[own]


def by_vae(few, n, seed):
    """What a VAE of these rows expects of codes, by label: smoother than its draws."""
    model = vae.VAE(few, conditional=True, seed=seed, **vae.RECIPES["digits"])
    training.run(model.steps(few), STEPS["VAE"])
    y = _labels(few, n, seed)
    return model.sample(n, y=y, seed=seed, means=True), y


def by_gan(few, n, seed):
    """Images of a GAN of these rows, by label."""
    model = gan.GAN(few, conditional=True, seed=seed, **gan.RECIPES["digits"])
    training.run(model.steps(few), STEPS["GAN"])
    y = _labels(few, n, seed)
    return model.sample(n, y=y, seed=seed), y


ARMS = {"repeated": repeated, "moved": moved, "VAE": by_vae, "GAN": by_gan}


def of_images(data=None, *, sizes=(20, 50, 200, 900), times=(1, 5), arms=None, name="digits"):
    """Accuracy on real images by real rows learned from and by rows added.

    Parameters
    ----------
    data : Dataset, optional
        Images with labels; all digits without it.
    sizes, times : tuple of int
        Real rows to learn from, and how many times as many are added.
    arms : dict of name -> callable, optional
        ``(few, n, seed)`` to n images and their labels; `few` is a Dataset of the rows that may be learned from.

    Returns
    -------
    Experiment
    """
    data, arms = digits("all") if data is None else data, ARMS if arms is None else arms
    if data.y is None or data.range is None:
        raise ValueError(f"data={data!r}: must be images with labels")
    recipe = dict(data=data.fingerprint, sizes=sizes, times=times, arms=list(arms), knobs=KNOBS, shift=SHIFT)
    recipe |= dict(steps=STEPS, vae=vae.RECIPES["digits"], gan=gan.RECIPES["digits"])
    return Experiment(name, sizes, lambda rows, seed: _once(data, rows, seed, times, arms), recipe)


def _once(data, rows, seed, times, arms):
    learn, check, test = deal(len(data), rows, seed)
    part = lambda own: dataclasses.replace(data, x=data.x[own], y=data.y[own], call=None)
    few, judges = part(learn), [part(check), part(test)]
    tables = {(NONE, 0): (few.x, few.y)}
    for arm, make in arms.items():
        x, y = make(few, max(times) * rows, seed)
        for k in times:
            tables[arm, k] = torch.cat([few.x, x[: k * rows]]), torch.cat([few.y, y[: k * rows]])
    return [
        dict(learner=learner, rows=rows, arm=arm, added=k, seed=seed, accuracy=accuracy)
        for (arm, k), (x, y) in tables.items()
        for learner, accuracy in _accuracies(x, y, judges, data.range).items()
    ]


@threads(1)
def _accuracies(x, y, judges, limits):
    """Accuracy on the last of `judges` of each learner, with the knob that is best on the first."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    flat = lambda images: images.flatten(1).double().numpy() / limits[1]
    makers = {
        "support vectors": lambda c: SVC(C=c),
        "logistic regression": lambda c: LogisticRegression(C=c, tol=1e-3, max_iter=1000),
    }
    (x_check, y_check), (x_test, y_test) = ((flat(judge.x), judge.y.numpy()) for judge in judges)
    found = {}
    for learner, make in makers.items():
        fitted = [make(c).fit(flat(x), y.numpy()) for c in KNOBS[learner]]
        best = max(fitted, key=lambda model: model.score(x_check, y_check))  # noqa: B023
        found[learner] = best.score(x_test, y_test)
    return found


def _labels(few, n, seed):
    """Labels in the shares of the few rows."""
    return few.y[np.random.default_rng([seed, 3]).integers(len(few), size=n)]
