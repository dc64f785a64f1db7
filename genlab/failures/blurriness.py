"""Blurriness: a VAE whose likelihood forgives small errors everywhere, and so pays for no detail.

Sharpness stands beside the Fréchet distance, since noise is sharp too.
"""

from genlab import datasets, metrics
from genlab.failures.record import CAUSE, REMEDY, Arm, Failure, Limit
from genlab.vae import VAE


def sharp(group, data, watched):
    """Of what is expected of random codes: sharpness and fine detail, real digits have 1; and the Fréchet distance."""
    judge, held_out = metrics.judge("digits"), datasets.digits("test")
    made = group.model.sample(1000, seed=0, means=True)  # no noise of single pixels
    found = {"frechet": [float(metrics.frechet(x, held_out, judge)) for x in made]}
    for name, metric in {"sharpness": metrics.sharpness, "detail": metrics.detail}.items():
        real = float(metric(held_out.x, held_out))
        found[name] = [float(metric(x, held_out)) / real for x in made]
    return found


BLUR = Failure(
    name="blurriness",
    title="Blurred digits",
    model=VAE,
    data=datasets.digits,
    healthy=dict(latent_dim=8, batch_size=64, likelihood="learned sigma"),
    steps=800,
    cause=Arm(
        "sigma 1",
        CAUSE,
        dict(likelihood="gaussian"),
        "A normal with a sigma of half the range of ink: the loss is the squared error, plus the KL divergence.",
    ),
    remedies=(
        Arm("sigma 0.3", REMEDY, dict(sigma=0.3), "An error costs eleven times as much."),
        Arm("sigma 0.1", REMEDY, dict(sigma=0.1), "An error costs a hundred times as much."),
        Arm("beta 0.25", REMEDY, dict(beta=0.25), "A KL divergence that costs a quarter, which is a sigma of 0.5."),
        Arm("levels of ink", REMEDY, dict(likelihood="discretised logistic"), "A likelihood made for levels."),
        Arm("Bernoulli", REMEDY, dict(likelihood="bernoulli"), "Grey as a share of white, the usual one for digits."),
        Arm("longer codes", REMEDY, dict(latent_dim=32), "Room for four times as many numbers."),
        Arm("wider networks", REMEDY, dict(hidden=256), "Twice the units in each layer."),
    ),
    measure=sharp,
    limits={"sharpness": Limit(low=0.62), "frechet": Limit(high=15)},
    grid=dict(sigma=[0.03, 0.1, 0.2, 0.4, 0.7, 1.0], latent_dim=[1, 2, 4, 8, 16, 32]),
    shown=("likelihood", "sigma", "beta", "latent_dim"),
    symptom="soft edges, every sample a little like the mean of many",
    why=(
        "With a large sigma a pixel that is a little wrong costs next to nothing, and each nat that a code tells costs a "
        "nat. So the code tells only what many pixels share, and of all the strokes that fit it the decoder puts out the "
        "mean, which is grey where they differ. A sigma that is learned shrinks to the errors that are left, and then "
        "details pay; one that is too small fills the codes until the prior no longer covers them."
    ),
    source="Kingma and Welling (2014); Rybkin et al. (2021), simple and effective VAE training with calibrated decoders.",
)
