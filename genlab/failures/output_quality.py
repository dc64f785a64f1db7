"""Output that is poor: too early, too little data, too little training, too large a model, and copies of the data."""

import dataclasses

import torch

from genlab import datasets, metrics
from genlab.failures.mode_collapse import DIGITS
from genlab.failures.record import CAUSE, REMEDY, Arm, Failure, Limit
from genlab.gan import GAN
from genlab.vae import VAE

FEW, SOME = 60, 200  # rows


def likely(group, data, watched):
    """Bits a pixel of held-out digits and of some that were learned from; Fréchet distance of samples."""
    judge, held_out, vae = metrics.judge("digits"), datasets.digits("test"), group.model
    bits = {
        name: vae.bits(rows, samples=20, seed=0) for name, rows in {"bits": held_out.x, "known": data.x[:FEW]}.items()
    }
    made = [float(metrics.frechet(x, held_out, judge)) for x in vae.sample(500, seed=0)]
    return {name: value.tolist() for name, value in bits.items()} | {"frechet": made}


DATA = Failure(
    name="too_little_data",
    title="Too little data",
    model=VAE,
    data=datasets.digits,
    healthy=dict(latent_dim=8, batch_size=64, likelihood="discretised logistic"),
    steps=800,
    cause=Arm("100 rows", CAUSE, {}, "A fourteenth of the digits.", rows=100),
    remedies=(
        Arm("600 rows", REMEDY, {}, "More data.", rows=600),
        Arm("fewer steps", REMEDY, {}, "It stops after an eighth of the steps.", steps=100),
        Arm("smaller networks", REMEDY, dict(hidden=16), "An eighth of the units."),
        Arm("beta 3", REMEDY, dict(beta=3.0), "Codes that must say less."),
        Arm("hidden pixels", REMEDY, dict(mask_rate=0.5), "Up to half of each row is hidden while it learns."),
    ),
    measure=likely,
    limits={"bits": Limit(high=2.2)},
    grid=dict(hidden=[8, 16, 32, 64, 128, 256], beta=[0.3, 1.0, 2.0, 3.0, 5.0]),
    shown=("hidden", "beta", "mask_rate"),
    symptom="known rows become cheaper and held-out rows dearer",
    why=(
        "A hundred rows leave most of what digits look like unsaid, and networks with room to spare learn the hundred "
        "by heart. A smaller network, an early stop or a dearer code keep it from being sure of what it has not seen. "
        "They limit the harm; what was not in the rows they cannot bring back."
    ),
    source="Geman et al. (1992), neural networks and the bias/variance dilemma.",
)

TRAINING = dataclasses.replace(
    DATA,
    name="too_little_training",
    title="Too little training",
    cause=Arm("40 steps", CAUSE, {}, "A twentieth of the steps.", steps=40),
    remedies=(
        Arm("400 steps", REMEDY, {}, "Ten times as many.", steps=400),
        Arm("larger steps", REMEDY, dict(lr=1e-2), "Five times the step size."),
        Arm("wider networks", REMEDY, dict(hidden=512), "Four times the units."),
    ),
    grid=dict(lr=[5e-4, 1e-3, 2e-3, 5e-3, 1e-2], batch_size=[16, 32, 64, 128]),
    shown=("lr", "hidden", "batch_size"),
    symptom="known and held-out rows cost the same, and both too much",
    why=(
        "Each step moves the weights a little, and a model that has moved little still says of all rows what it says of "
        "their mean. Larger steps go further until they overshoot. Known and held-out rows cost the same, which tells it "
        "from a model that has learned too much."
    ),
    source="Bottou and Bousquet (2008), the tradeoffs of large scale learning.",
)

SIZE = dataclasses.replace(
    DATA,
    name="too_large_a_model",
    title="A model that is too large for its data",
    data=lambda: datasets.digits().head(SOME),
    healthy=DATA.healthy | dict(hidden=32),
    cause=Arm("256 units", CAUSE, dict(hidden=256), "Eight times the units in each layer, for 200 rows."),
    remedies=(
        Arm("fewer steps", REMEDY, {}, "It stops after an eighth of the steps.", steps=100),
        Arm("hidden pixels", REMEDY, dict(mask_rate=0.8), "Up to four fifths of each row are hidden."),
        Arm("beta 3", REMEDY, dict(beta=3.0), "Codes that must say less."),
        Arm("longer codes", REMEDY, dict(latent_dim=32), "Four times the numbers in a code."),
    ),
    limits={"bits": Limit(high=2.42)},  # what pixels cost that are drawn one by one, each from its own shares
    grid=dict(hidden=[8, 16, 32, 64, 128, 256], beta=[0.3, 1.0, 2.0, 3.0, 5.0]),
    symptom="known rows become cheaper and held-out rows dearer; a smaller network does better",
    why=(
        "With more weights than the rows can settle there are many ways to be right about them, and most are wrong about "
        "others. Training goes on to raise the probability of known rows after that of held-out rows has begun to fall. "
        "It is the size against the rows that counts: with all digits the large networks are the better ones."
    ),
)

EARLY = dataclasses.replace(
    DIGITS,
    name="early_noise",
    title="Noise from a GAN that has just begun",
    cause=Arm("20 steps", CAUSE, {}, "A fortieth of the steps.", steps=20),
    remedies=(
        Arm("100 steps", REMEDY, {}, "Five times as many.", steps=100),
        Arm("600 steps", REMEDY, {}, "Thirty times as many.", steps=600),
        Arm("larger steps", REMEDY, dict(lr_g=1e-2, lr_d=1e-2), "Five times the step sizes."),
        Arm("smaller average", REMEDY, dict(average=0.0), "Samples from the learning generator itself."),
    ),
    grid=dict(lr_g=[5e-4, 1e-3, 2e-3, 4e-3, 8e-3], lr_d=[5e-4, 1e-3, 2e-3, 4e-3, 8e-3]),
    symptom="grains without strokes",
    why=(
        "Noise goes through random weights, and out comes noise. At first the discriminator can only say that ink "
        "should be in the middle, and so that is all the generator learns. Strokes come when the discriminator has "
        "learned to look for them, and not before."
    ),
    source="Goodfellow et al. (2014).",
)


def copied(group, data, watched):
    """Share of samples that lie nearer to the first training rows than to as many held-out ones: 0.5 by chance."""
    train, held_out = data.x[:FEW].flatten(1), datasets.digits("test").x[:FEW].flatten(1)
    made = group.sample(500, seed=0).flatten(2)  # (K, n, 64)
    to_train, to_held_out = (torch.cdist(made, rows.expand(len(made), -1, -1)).amin(-1) for rows in (train, held_out))
    return dict(nearer=(to_train < to_held_out).double().mean(-1).tolist(), train=to_train.mean(-1).tolist())


MEMORY = dataclasses.replace(
    EARLY,
    name="memorisation",
    title="Copies of the training data",
    model=GAN,
    steps=2000,
    cause=Arm("60 rows", CAUSE, {}, "A twenty-fourth of the digits.", rows=FEW),
    remedies=(
        Arm("600 rows", REMEDY, {}, "More data.", rows=600),
        Arm("fewer steps", REMEDY, {}, "It stops after a tenth of the steps.", steps=200),
        Arm("smaller networks", REMEDY, dict(hidden=16), "A quarter of the units."),
        Arm("shorter noise", REMEDY, dict(latent_dim=4), "An eighth of the random numbers."),
        Arm("stronger R1", REMEDY, dict(r1=10.0), "Five times the penalty."),
    ),
    measure=copied,
    limits={"nearer": Limit(high=0.6)},
    grid=dict(hidden=[8, 16, 32, 64, 128], r1=[0.3, 1.0, 3.0, 10.0]),
    shown=("hidden", "latent_dim", "r1"),
    symptom="samples lie nearer to training rows than to held-out ones",
    why=(
        "The best answer to the game is the distribution of the training rows themselves, and with few of them it is a "
        "list. A discriminator that knows them all pays for nothing else. Quality and diversity look fine meanwhile, "
        "which is why only a comparison with rows that were held back finds it."
    ),
    source="Arora and Zhang (2018), do GANs learn the distribution; Meehan et al. (2020), data-copying.",
)
