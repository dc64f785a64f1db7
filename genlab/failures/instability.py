"""Instability: two networks that learn from each other, and do not come to rest.

Three ways to lose the balance on the ring: a memory of old gradients, a discriminator that is ahead, and one that is
behind.
"""

import torch

from genlab import datasets, metrics
from genlab.failures import measures
from genlab.failures.record import CAUSE, REMEDY, Arm, Failure, Limit
from genlab.gan import GAN

SOURCE = "Goodfellow et al. (2014); Mescheder et al. (2018), which training methods converge; "
LOOKED_AT = 256  # samples from fixed noise


def look(model, data):
    """Of samples that the learning generator makes of fixed noise: their mean (K, 2), and the share near a mode (K,)."""
    z = torch.randn(LOOKED_AT, model.hp.latent_dim, generator=torch.Generator().manual_seed(0))
    made = model.make(z, averaged=False)  # (K, n, 2); the averaged generator would hide the swinging
    return made.mean(-2), torch.tensor([metrics.share_near(x, data) for x in made])


def settled(group, data, watched):
    """Over the last third: how far the samples' mean swings, and the share of samples near a mode; modes at the end."""
    means, near = zip(*[value for _, value in watched[len(watched) * 2 // 3 :]], strict=True)
    swing = torch.stack(means).std(0, correction=0).norm(dim=-1)  # (K,)
    return dict(swing=swing.tolist(), near=torch.stack(near).mean(0).tolist()) | measures.each(
        group, data, {"modes": metrics.modes_covered}
    )


MOMENTUM = Failure(
    name="instability",
    title="Instability on a ring",
    model=GAN,
    data=datasets.ring,
    healthy=dict(hidden=32),
    steps=1500,
    cause=Arm("beta1 0.9", CAUSE, dict(beta1=0.9), "Adam's usual memory of the gradient, some ten steps long."),
    remedies=(
        Arm("beta1 0", REMEDY, dict(beta1=0.0), "No memory at all."),
        Arm("stronger R1", REMEDY, dict(r1=1.0), "Five times the penalty on slopes at real rows."),
        Arm("smaller steps", REMEDY, dict(lr_g=4e-4, lr_d=4e-4), "A fifth of the step size."),
        Arm("longer average", REMEDY, dict(average=0.999), "Samples from a slower average of the generator."),
        Arm(
            "Wasserstein, gp and R1",
            REMEDY,
            dict(loss="wasserstein", gp=0.3, r1=0.3),
            "The remedy of mode collapse: slopes of 1 between real and made rows (Gulrajani et al., 2017).",
        ),
        Arm("generator every 3", REMEDY, dict(g_every=3), "The discriminator learns three times as often."),
    ),
    measure=settled,
    limits={"swing": Limit(high=0.2), "near": Limit(low=0.15)},
    watch=look,
    every=25,
    grid=dict(beta1=[0.0, 0.3, 0.5, 0.7, 0.8, 0.9], lr_d=[5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2]),
    shown=("beta1", "lr_g", "lr_d", "r1"),
    symptom="samples swing to and fro and reach no mode; both losses go up and down and never rest",
    why=(
        "Each network moves along its own slope while the other moves too, so that the pair goes round in circles about "
        "the point where both would rest. A memory of old gradients pushes on in the direction that was right a few "
        "steps ago, and what was right then is outward now. So momentum, which helps a network that learns alone, widens "
        "the circles of two that play."
    ),
    source=SOURCE + "momentum: Gidel et al. (2019).",
)


def pulled(group, data, watched):
    """The generator's gradient at the first look, and the distance to real points at the end."""
    return dict(gradient=watched[0][1].tolist()) | measures.each(group, data, {"distance": metrics.distance})


AHEAD = Failure(
    name="discriminator_ahead",
    title="A discriminator that is ahead",
    model=GAN,
    data=datasets.ring,
    healthy=dict(hidden=32, loss="saturating", r1=0.0),
    steps=2000,
    cause=Arm(
        "head start",
        CAUSE,
        {},
        "The discriminator learns alone for the first half of the steps.",
        first=dict(g_every=0),
        first_steps=1000,
    ),
    remedies=(
        Arm(
            "nonsaturating loss",
            REMEDY,
            dict(loss="nonsaturating"),
            "A loss that is steep where the discriminator is sure.",
        ),
        Arm("R1", REMEDY, dict(r1=0.2), "A penalty that keeps the discriminator's slopes gentle."),
        Arm("Wasserstein and R1", REMEDY, dict(loss="wasserstein", r1=0.2), "A score without a ceiling, and R1."),
        Arm("slower discriminator", REMEDY, dict(lr_d=2e-4), "A tenth of its step size, for the head start too."),
        Arm("no momentum", REMEDY, dict(beta1=0.0), "What cures swinging."),
    ),
    measure=pulled,
    limits={"gradient": Limit(low=0.01), "distance": Limit(high=0.2)},
    watch=lambda model, data: model.gradient_norm(seed=0),
    every=500,
    grid=dict(r1=[0.0, 0.01, 0.03, 0.1, 0.3, 1.0], lr_d=[1e-4, 3e-4, 1e-3, 2e-3, 5e-3, 1e-2]),
    shown=("loss", "r1", "g_every", "lr_d"),
    symptom="while it is ahead: its loss and the generator's gradient are next to nothing; afterwards the samples scatter",
    why=(
        "Where the discriminator is sure that a row is made, the saturating loss is flat: its slope is the belief that "
        "the row is real, and that is nearly 0. The generator then learns nothing from any of its samples, however bad "
        "they are. Adam divides the gradient by its size and takes steps all the same, into directions that are mostly "
        "rounding error, so look at the gradient and not at the steps."
    ),
    source=SOURCE + "Arjovsky and Bottou (2017), towards principled methods.",
)

BEHIND = Failure(
    name="discriminator_behind",
    title="A discriminator that is behind",
    model=GAN,
    data=datasets.ring,
    healthy=dict(hidden=32, lr_g=5e-3, lr_d=5e-3),
    steps=2000,
    cause=Arm("slow discriminator", CAUSE, dict(lr_d=5e-4), "A tenth of its step size."),
    remedies=(
        Arm("slow generator too", REMEDY, dict(lr_g=5e-4), "The balance is back, at a tenth of the speed."),
        Arm("generator every 5", REMEDY, dict(g_every=5), "The generator waits for four of five steps."),
        Arm("packs of 4", REMEDY, dict(pack=4), "Four rows are judged together (Lin et al., 2018)."),
        Arm("stronger R1", REMEDY, dict(r1=1.0), "Five times the penalty."),
        Arm("Wasserstein, gp", REMEDY, dict(loss="wasserstein", gp=0.3), "Slopes of 1 (Gulrajani et al., 2017)."),
    ),
    measure=lambda group, data, watched: measures.each(
        group, data, {"distance": metrics.distance, "near": metrics.share_near}
    ),
    limits={"distance": Limit(high=0.2), "near": Limit(low=0.2)},
    grid=dict(lr_g=[5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2], lr_d=[5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2]),
    shown=("lr_g", "lr_d", "g_every", "pack"),
    symptom="all samples go to one place, and hop to another as soon as the discriminator has found out",
    why=(
        "The generator asks the discriminator where real rows are, and gets an old answer. It moves all its samples "
        "there, for nothing says that it should spread them, and when the discriminator has learned that this place is "
        "full of made rows, they move on together. What helps is balance: a discriminator that is quick enough, or a "
        "generator that waits."
    ),
    source=SOURCE + "two speeds: Heusel et al. (2017).",
)
