"""Mode collapse (Goodfellow et al., 2014): a generator that makes good samples of a few kinds, and of the others none.

On a ring of eight modes and a grid of 25, where kinds can be counted by their place, and on handwritten digits, where
a judge counts them. The discriminators of ring and grid see waves of their input too: they are quick to find out what
is off, and the generator is quick to settle on the one place that is not.
"""

import dataclasses

from genlab import datasets, metrics
from genlab.failures import measures
from genlab.failures.record import CAUSE, REMEDY, Arm, Failure, Limit
from genlab.gan import GAN

WHY = (
    "The generator is paid for each sample alone, so that one convincing place is as good as eight. Without a penalty on "
    "its slopes the discriminator soon grows steep, and the first place that looks right draws all samples together, from "
    "wherever they are. Then it says 'made' all around the heap, the real points of that one mode are a small hill in the "
    "middle of a wide valley, and no slope leads across the valley to the modes beyond."
)
SOURCE = "Goodfellow et al. (2014); Metz et al. (2017), unrolled GANs; R1: Mescheder et al. (2018)."
SYMPTOM = "good samples, and too few kinds of them; the discriminator is ahead, which has other causes too"

RING = Failure(
    name="mode_collapse",
    title="Mode collapse on a ring",
    model=GAN,
    data=datasets.ring,
    healthy=dict(hidden=32, frequency=3.0, lr_g=5e-3, lr_d=1e-2, r1=2.0),
    steps=1500,
    cause=Arm("no R1", CAUSE, dict(r1=0.0), "Without its penalty the discriminator may be as steep as it likes."),
    remedies=(
        Arm(
            "Wasserstein, gp",
            REMEDY,
            dict(loss="wasserstein", gp=0.5),
            "Another game, and slopes of 1 between real and made rows (Gulrajani et al., 2017).",
        ),
        Arm(
            "Wasserstein, gp and R1",
            REMEDY,
            dict(loss="wasserstein", gp=0.3, r1=0.3),
            "The same, with some of the R1 penalty, which also calms the slopes at the real rows.",
        ),
        Arm(
            "packs of 2",
            REMEDY,
            dict(pack=2),
            "Two rows are judged together, so that twins are found out (Lin et al., 2018).",
        ),
        Arm("no waves", REMEDY, dict(frequency=0.0), "A smoother discriminator does not see small modes so soon."),
        Arm("slower discriminator", REMEDY, dict(lr_d=1e-3), "It learns at a tenth of the speed."),
    ),
    measure=measures.modes,
    limits={"modes": Limit(low=7), "near": Limit(low=0.6)},
    grid=dict(r1=[0.0, 0.1, 0.3, 1.0, 3.0, 10.0], lr_d=[1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2]),
    shown=("r1", "lr_g", "lr_d"),
    symptom=SYMPTOM,
    why=WHY,
    source=SOURCE,
)

GRID = dataclasses.replace(
    RING,
    name="mode_collapse_grid",
    title="Mode collapse on a grid",
    data=datasets.grid,
    healthy=dict(frequency=5.7, batch_size=256, lr_g=4e-3, lr_d=4e-3, r1=0.1),
    steps=4000,
    remedies=(
        Arm("R1 at a tenth", REMEDY, dict(r1=0.01), "A tenth of the healthy penalty."),
        Arm("gradient penalty", REMEDY, dict(gp=0.05), "Slopes of 1 between real and made rows, and the usual loss."),
        Arm("both penalties", REMEDY, dict(gp=0.05, r1=0.05), "The same, with half of the healthy R1 penalty."),
        RING.remedies[0],
        RING.remedies[2],
    ),
    limits={"modes": Limit(low=18), "near": Limit(low=0.5)},
    grid=dict(r1=[0.0, 0.01, 0.03, 0.1, 0.3, 1.0], lr_d=[5e-4, 1e-3, 2e-3, 4e-3, 8e-3, 1.6e-2]),
)


def digits_made(group, data, watched):
    """Digits that are made, by a held-back judge, and the Fréchet distance to held-out digits."""
    judge, held_out = metrics.judge("digits"), datasets.digits("test")
    panel = {
        "classes": lambda x, _: metrics.classes_covered(x, judge),
        "frechet": lambda x, _: metrics.frechet(x, held_out, judge),
    }
    return measures.each(group, data, panel, n=1000)


DIGITS = Failure(
    name="mode_collapse_digits",
    title="Mode collapse on digits",
    model=GAN,
    data=datasets.digits,
    healthy=dict(latent_dim=32, hidden=64, batch_size=64, lr_g=2e-3, lr_d=2e-3, r1=2.0),
    steps=800,
    cause=RING.cause,
    remedies=(
        Arm(
            "Wasserstein, gp",
            REMEDY,
            dict(loss="wasserstein", gp=0.3, lr_d=4e-3),
            "Slopes of 1 everywhere, and a discriminator that is quick enough for it (Gulrajani et al., 2017).",
        ),
        Arm(
            "packs of 2",
            REMEDY,
            dict(pack=2),
            "Two rows are judged together, so that twins are found out (Lin et al., 2018).",
        ),
        Arm("weaker R1", REMEDY, dict(r1=0.5), "A quarter of the healthy penalty."),
    ),
    measure=digits_made,
    limits={"classes": Limit(low=9), "frechet": Limit(high=25)},
    grid=dict(r1=[0.0, 0.03, 0.1, 0.3, 1.0, 3.0], lr_d=[2e-4, 5e-4, 1e-3, 2e-3, 4e-3, 8e-3]),
    shown=RING.shown,
    symptom=SYMPTOM,
    why=WHY,
    source=SOURCE,
)
