"""Posterior collapse: a VAE whose codes say nothing of their rows (Bowman et al., 2016)."""

from genlab import datasets
from genlab.failures.record import CAUSE, REMEDY, Arm, Failure, Limit
from genlab.vae import VAE

ACTIVE = 0.01  # variance of a code's mean over rows (Burda et al., 2016)


def told(group, data, watched):
    """Of held-out digits: numbers of the code that move with the row, KL divergence in nats, bits a pixel."""
    held_out, vae = datasets.digits("test"), group.model
    mean, log_var = vae.encode(held_out.x)  # (K, n, latent_dim)
    kl = (mean.square() + log_var.exp() - 1 - log_var).mean(-2).sum(-1) / 2
    active = (mean.var(-2) > ACTIVE).sum(-1)
    return dict(active=active.tolist(), kl=kl.tolist(), bits=vae.bits(held_out, samples=20, seed=0).tolist())


COLLAPSE = Failure(
    name="posterior_collapse",
    title="Posterior collapse on digits",
    model=VAE,
    data=datasets.digits,
    healthy=dict(latent_dim=8, batch_size=64, likelihood="discretised logistic"),
    steps=800,
    cause=Arm("beta 8", CAUSE, dict(beta=8.0), "Each nat that a code tells costs eight."),
    remedies=(
        Arm("free bits 0.5", REMEDY, dict(free_bits=0.5), "Half a nat of each number is free (Kingma et al., 2016)."),
        Arm("free bits 0.1", REMEDY, dict(free_bits=0.1), "A tenth of a nat is."),
        Arm(
            "annealing",
            REMEDY,
            {},
            "The KL divergence is free for the first half of the steps (Bowman et al., 2016).",
            first=dict(beta=0.0),
            first_steps=400,
        ),
        Arm("weaker decoder", REMEDY, dict(hidden=32), "A quarter of the units."),
        Arm("longer codes", REMEDY, dict(latent_dim=32), "Room for four times as many numbers."),
        Arm("smaller steps", REMEDY, dict(lr=5e-4), "A quarter of the step size."),
    ),
    measure=told,
    limits={"active": Limit(low=4), "bits": Limit(high=2.25)},
    grid=dict(beta=[0.5, 1.0, 2.0, 4.0, 6.0, 8.0], free_bits=[0.0, 0.05, 0.1, 0.2, 0.4, 0.8]),
    shown=("beta", "free_bits", "lr"),
    symptom="the KL divergence falls to 0, all samples look alike, and the code of a row says nothing of it",
    why=(
        "A number of the code is worth having only while the nats that it saves the decoder are more than the nats that "
        "it costs. Early on the decoder can do little with it, so that ignoring it is the cheapest thing to do, and a "
        "decoder that ignores it teaches the encoder nothing. With a beta above 1, or a decoder that knows without the "
        "code, the price is too high for all numbers at once."
    ),
    source="Bowman et al. (2016); Lucas et al. (2019), don't blame the ELBO; free bits: Kingma et al. (2016).",
)
