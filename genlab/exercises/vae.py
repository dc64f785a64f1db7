"""Exercises of notebook 04: a VAE by hand."""

import torch
from torch.distributions import Normal

from genlab.exercises.exercise import Exercise


def _probe(answer, case):
    """What an answer gives for tensors, and the gradients of its sum; drawings of its own are the same each time."""
    inputs = [torch.tensor(values, requires_grad=True) for values in case]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        result = answer(*inputs)
    if result is None or result is ...:
        return None
    if not isinstance(result, torch.Tensor):
        raise TypeError(
            f"it returned {type(result).__name__} {result!r}; a tensor is needed, so that it has a gradient"
        )
    gradients = [None] * len(inputs)
    if result.requires_grad:
        gradients = torch.autograd.grad(result.sum(), inputs, allow_unused=True)
    reached = [torch.zeros_like(x) if g is None else g for x, g in zip(inputs, gradients, strict=True)]
    named = {f"the gradient of input {i + 1}": gradient for i, gradient in enumerate(reached)}
    return {"the result": result.detach()} | named


def _kl(mean, log_var):
    return (mean.square() + log_var.exp() - 1 - log_var).sum(-1) / 2


CLOUDS = [  # mean and log-variance of each row, and for the reparameterisation its noise
    ("the prior itself", [[0.0, 0.0]], [[0.0, 0.0]], [[1.0, -0.5]]),
    ("two narrow clouds", [[0.5, -1.0], [1.5, 0.2]], [[-2.0, -3.0], [-1.0, -4.0]], [[0.3, 1.2], [-0.7, 2.0]]),
    ("a wide one", [[0.1, 0.0, -0.3]], [[1.0, 0.5, 2.0]], [[1.0, -1.0, 0.4]]),
]

EXERCISES = {
    "vae.reparameterise": Exercise(
        answer=lambda mean, log_var, noise: mean + (log_var / 2).exp() * noise,
        mistakes={
            "exp(log_var) is the variance; the noise is to be stretched by the sd, its square root: exp(log_var / 2).": lambda mean, log_var, noise: (
                mean + log_var.exp() * noise
            ),
            "You take the log-variance for the sd; first undo the logarithm: exp(log_var / 2).": lambda mean, log_var, noise: (
                mean + log_var * noise
            ),
            "You undo the square root but not the logarithm: half the log-variance is the log of the sd, so take exp.": lambda mean, log_var, noise: (
                mean + log_var / 2 * noise
            ),
            "You take the log-variance for the variance; it is the variance's logarithm: exp(log_var / 2) is the sd.": lambda mean, log_var, noise: (
                mean + log_var.sqrt() * noise
            ),
            "The halving stands outside the exponential: exp(log_var) / 2 is half the variance, exp(log_var / 2) the sd.": lambda mean, log_var, noise: (
                mean + log_var.exp() / 2 * noise
            ),
            "The sd is added to the mean without noise: every draw would be the same.": lambda mean, log_var, noise: (
                mean + (log_var / 2).exp()
            ),
            "The noise keeps its sd of 1: the log-variance is not used.": lambda mean, log_var, noise: mean + noise,
            "The mean is missing: the cloud must lie where the encoder puts it.": lambda mean, log_var, noise: (
                (log_var / 2).exp() * noise
            ),
            "That is the mean alone: without noise nothing is drawn, and the width of the cloud is never used.": lambda mean, log_var, noise: (
                mean + 0 * log_var
            ),
            "The draw is detached: its values are right, but no gradient reaches mean and log-variance.": lambda mean, log_var, noise: (
                (mean + (log_var / 2).exp() * noise).detach()
            ),
            "sample() draws inside a black box, so no gradient reaches mean and log-variance; build z from the noise given.": lambda mean, log_var, noise: (
                Normal(mean, (log_var / 2).exp()).sample()
            ),
            "rsample() does the right thing with noise of its own; here the noise is given, so that you see inside.": lambda mean, log_var, noise: (
                Normal(mean, (log_var / 2).exp()).rsample()
            ),
        },
        probe=_probe,
        cases=[(label, (mean, log_var, noise)) for label, mean, log_var, noise in CLOUDS],
    ),
    "vae.kl": Exercise(
        answer=_kl,
        mistakes={
            "The half is missing: a normal density has a half in its exponent, and so has this.": lambda mean, log_var: (
                2 * _kl(mean, log_var)
            ),
            "The sign is flipped: a divergence is never negative.": lambda mean, log_var: -_kl(mean, log_var),
            "You average over the numbers of the latent code; they are independent, so what they tell adds up: .sum(-1).": lambda mean, log_var: (
                (mean.square() + log_var.exp() - 1 - log_var).mean(-1) / 2
            ),
            "That is a number for each number of the latent code; a row's KL is their sum: .sum(-1).": lambda mean, log_var: (
                (mean.square() + log_var.exp() - 1 - log_var) / 2
            ),
            "That is the sum over the whole batch; keep one number a row: .sum(-1).": lambda mean, log_var: _kl(
                mean, log_var
            ).sum(),
            "That is the mean over the batch; keep one number a row: .sum(-1).": lambda mean, log_var: _kl(
                mean, log_var
            ).mean(),
            "You take the log-variance for the log of the sd: exp(log_var) is the variance already, without a square.": lambda mean, log_var: (
                (mean.square() + (2 * log_var).exp() - 1 - 2 * log_var).sum(-1) / 2
            ),
            "You take the log-variance for the sd: undo its logarithm by exp, and subtract it as it is.": lambda mean, log_var: (
                (mean.square() + log_var.square() - 1 - log_var.square().log()).sum(-1) / 2
            ),
            "You take the log-variance for the variance: undo its logarithm by exp, and subtract it as it is.": lambda mean, log_var: (
                (mean.square() + log_var - 1 - log_var.log()).sum(-1) / 2
            ),
            "log_var is the logarithm already; log_var.log() is the logarithm of a logarithm.": lambda mean, log_var: (
                (mean.square() + log_var.exp() - 1 - log_var.log()).sum(-1) / 2
            ),
            "The variance itself is missing: nothing would keep the clouds from growing without end.": lambda mean, log_var: (
                (mean.square() - 1 - log_var).sum(-1) / 2
            ),
            "The logarithm of the variance is missing: nothing would keep the clouds from shrinking to points.": lambda mean, log_var: (
                (mean.square() + log_var.exp() - 1).sum(-1) / 2
            ),
            "The -1 is missing: where the cloud is the prior itself, the divergence must be 0.": lambda mean, log_var: (
                (mean.square() + log_var.exp() - log_var).sum(-1) / 2
            ),
            "The mean is to be squared: a cloud to the left tells as much as one to the right.": lambda mean, log_var: (
                (mean + log_var.exp() - 1 - log_var).sum(-1) / 2
            ),
            "The mean is missing: a cloud far from 0 tells much, however wide it is.": lambda mean, log_var: (
                (log_var.exp() - 1 - log_var).sum(-1) / 2
            ),
        },
        probe=_probe,
        cases=[(label, (mean, log_var)) for label, mean, log_var, _ in CLOUDS],
    ),
    "vae.elbo": Exercise(
        answer=lambda log_p, kl: (log_p.sum(-1) - kl).mean(),
        mistakes={
            "You average over a row's D numbers; the KL then weighs D times too much, as with beta = D. Sum over the row.": lambda log_p, kl: (
                log_p.mean() - kl.mean()
            ),
            "That is the ELBO by D: a common factor, so the maximum is the right one, but the unit is nats a row: sum, do not average, over a row.": lambda log_p, kl: (
                (log_p.sum(-1) - kl).mean() / log_p.shape[-1]
            ),
            "You sum over the rows; take their mean, so that the step does not grow with the batch.": lambda log_p, kl: (
                (log_p.sum(-1) - kl).sum()
            ),
            "You sum the reconstruction over the rows too; sum over a row's numbers, then take the mean over the rows.": lambda log_p, kl: (
                log_p.sum() - kl.mean()
            ),
            "That is one number a row; the ELBO of a batch is their mean.": lambda log_p, kl: log_p.sum(-1) - kl,
            "The KL is a price: it is subtracted, not added.": lambda log_p, kl: (log_p.sum(-1) + kl).mean(),
            "You subtract the KL from each of a row's D numbers; it is one price a row: sum the row first.": lambda log_p, kl: (
                (log_p - kl[:, None]).sum(-1).mean()
            ),
            "The sign is flipped: that is the loss, which is minimised; the ELBO is what is raised.": lambda log_p, kl: (
                (kl - log_p.sum(-1)).mean()
            ),
            "The KL is missing: that is an autoencoder, with noise that it learns to switch off.": lambda log_p, kl: (
                log_p.sum(-1).mean() + 0 * kl.sum()
            ),
        },
        probe=_probe,
        cases=[
            ("one row of three numbers", ([[-0.5, -1.0, -0.2]], [0.4])),
            ("two rows", ([[-0.5, -1.0, -2.0, -0.1], [-3.0, -0.7, -0.2, -0.4]], [1.5, 4.0])),
            ("five wide rows", ([[-0.1 * (i + j) for j in range(8)] for i in range(5)], [0.0, 1.0, 2.0, 3.0, 4.0])),
        ],
    ),
}
