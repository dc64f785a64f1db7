"""Exercises of notebooks 02 and 03: the losses of a GAN, and what reaches whom."""

import torch
from torch.nn.functional import relu, softplus

from genlab.exercises.exercise import Exercise, probe_loss, probe_value


def _pair(answer, case):
    """A pair of losses: the discriminator's of (real, fake), the generator's of (fake)."""
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise TypeError("the answer is a pair: (loss of the discriminator, loss of the generator)")
    judge, improve = (probe_loss(loss, args) for loss, args in zip(answer, (case, case[1:]), strict=True))
    if judge is None or improve is None:
        return None
    return {f"D: {k}": v for k, v in judge.items()} | {f"G: {k}": v for k, v in improve.items()}


def _update(answer, case):
    """Loss of the discriminator for given rows, and what gradient reaches the generator through it."""
    weight, real, made = case
    weight, made = torch.tensor(weight, requires_grad=True), torch.tensor(made, requires_grad=True)
    loss = answer(lambda x: x @ weight, torch.tensor(real), made)
    if loss is None or loss is ...:
        return None
    at_weight, at_made = torch.autograd.grad(loss, [weight, made], allow_unused=True)
    reached = torch.zeros_like(made) if at_made is None else at_made
    return {
        "the loss": loss.detach(),
        "the discriminator's gradient": at_weight,
        "the gradient that reaches the generator": reached,
    }


EXERCISES = {
    "gan.discriminator_loss": Exercise(
        answer=lambda real, fake: softplus(-real).mean() + softplus(fake).mean(),
        mistakes={
            "Real and fake are swapped: this teaches the discriminator to call made rows real.": lambda real, fake: (
                softplus(real).mean() + softplus(-fake).mean()
            ),
            "The sign is flipped: minimising this makes the discriminator worse.": lambda real, fake: (
                -softplus(-real).mean() - softplus(fake).mean()
            ),
            "You add over the rows; take the mean, so that the step does not grow with the batch.": lambda real, fake: (
                softplus(-real).sum() + softplus(fake).sum()
            ),
            "That is a loss for each row; a loss is one number, their mean.": lambda real, fake: (
                softplus(-real) + softplus(fake)
            ),
            "Right on paper, but log(sigmoid) runs to infinity for extreme scores; write it with softplus.": lambda real, fake: (
                -torch.log(torch.sigmoid(real)).mean() - torch.log(1 - torch.sigmoid(fake)).mean()
            ),
            "The made rows are missing: nothing keeps the score from rising everywhere.": lambda real, fake: softplus(
                -real
            ).mean(),
            "The real rows are missing: nothing keeps the score from falling everywhere.": lambda real, fake: softplus(
                fake
            ).mean(),
            "Half of what is asked: the two means are to be added, not averaged.": lambda real, fake: (
                (softplus(-real).mean() + softplus(fake).mean()) / 2
            ),
        },
        probe=probe_loss,
        cases=[
            ("undecided scores", ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0])),
            ("a good discriminator", ([2.0, 3.0, 1.5], [-2.0, -1.0, -4.0])),
            ("a bad one", ([-1.0, -2.0], [1.0, 3.0])),
            ("extreme scores", ([40.0, 200.0], [-300.0, 150.0])),
        ],
    ),
    "gan.generator_loss": Exercise(
        answer=lambda fake: softplus(-fake).mean(),
        mistakes={
            "The sign is flipped: this teaches the generator to be found out.": lambda fake: softplus(fake).mean(),
            "This is the saturating loss: right in theory, but its gradient dies where the generator is worst.": lambda fake: (
                -softplus(fake).mean()
            ),
            "You add over the rows; take the mean, so that the step does not grow with the batch.": lambda fake: (
                softplus(-fake).sum()
            ),
            "That is a loss for each row; a loss is one number, their mean.": lambda fake: softplus(-fake),
            "Right on paper, but log(sigmoid) runs to infinity for extreme scores; write it with softplus.": lambda fake: (
                -torch.log(torch.sigmoid(fake)).mean()
            ),
            "A score is not a probability yet: put it through the sigmoid first.": lambda fake: (
                -fake.clamp_min(1e-12).log().mean()
            ),
            "You detached the scores: without a gradient the generator cannot learn.": lambda fake: softplus(
                -fake.detach()
            ).mean(),
            "This is the sigmoid without its logarithm: it saturates, and its gradient dies.": lambda fake: (
                -torch.sigmoid(fake).mean()
            ),
        },
        probe=probe_loss,
        cases=[
            ("undecided scores", ([0.0, 0.0, 0.0],)),
            ("fakes found out", ([-3.0, -2.0, -5.0],)),
            ("fakes believed", ([2.0, 1.0],)),
            ("extreme scores", ([-200.0, 150.0],)),
        ],
    ),
    "gan.judge": Exercise(
        answer=lambda d, real, made: softplus(-d(real)).mean() + softplus(d(made.detach())).mean(),
        mistakes={
            "The made rows are not detached: this update also pushes the generator, towards being found out.": lambda d, real, made: (
                softplus(-d(real)).mean() + softplus(d(made)).mean()
            ),
            "Real and made rows are swapped.": lambda d, real, made: (
                softplus(d(real)).mean() + softplus(-d(made.detach())).mean()
            ),
            "You detached the real rows' scores, so the discriminator learns nothing from them.": lambda d, real, made: (
                softplus(-d(real).detach()).mean() + softplus(d(made.detach())).mean()
            ),
            "You detached the score instead of the rows, so the discriminator learns nothing from them.": lambda d, real, made: (
                softplus(-d(real)).mean() + softplus(d(made).detach()).mean()
            ),
        },
        probe=_update,
        cases=[
            ("an untrained discriminator", ([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]], [[0.5, -1.0], [0.0, 0.5]])),
            ("a trained one", ([1.5, -0.5], [[1.0, 2.0], [2.0, 1.0]], [[0.5, -1.0], [-3.0, 0.5]])),
        ],
    ),
    "gan.optimal_discriminator": Exercise(
        answer=lambda p, q: p / (p + q),
        mistakes={
            "That is the ratio of the densities, not yet the share of real rows at this place.": lambda p, q: p / q,
            "That is the probability that a row here is made; the discriminator says how likely it is real.": lambda p, q: (
                q / (p + q)
            ),
            "That is the density of real rows; the belief compares it with that of the made ones.": lambda p, q: p,
            "That is the score (the logarithm of the ratio); the sigmoid of it is the belief.": lambda p, q: (
                p / q
            ).log(),
        },
        probe=probe_value,
        cases=[
            ("equal densities", (torch.tensor([1.0, 0.2]), torch.tensor([1.0, 0.2]))),
            ("unequal ones", (torch.tensor([0.9, 0.1, 0.5]), torch.tensor([0.1, 0.4, 0.25]))),
            ("nothing made here", (torch.tensor([0.3]), torch.tensor([0.0]))),
        ],
    ),
    "gan.least_squares_loss": Exercise(
        answer=(
            lambda real, fake: (real - 1).square().mean(-1) + fake.square().mean(-1),
            lambda fake: (fake - 1).square().mean(-1),
        ),
        mistakes={
            "That is one mean over everything: .mean(-1) keeps a loss for each model of a stack.": (
                lambda real, fake: (real - 1).square().mean() + fake.square().mean(),
                lambda fake: (fake - 1).square().mean(),
            ),
            "The generator aims at the score of made rows (0); it should aim at that of real ones (1).": (
                lambda real, fake: (real - 1).square().mean(-1) + fake.square().mean(-1),
                lambda fake: fake.square().mean(-1),
            ),
            "Real and made rows are swapped in the discriminator's loss.": (
                lambda real, fake: real.square().mean(-1) + (fake - 1).square().mean(-1),
                lambda fake: (fake - 1).square().mean(-1),
            ),
            "You put the scores through the sigmoid; least squares work on the scores themselves.": (
                lambda real, fake: (real.sigmoid() - 1).square().mean(-1) + fake.sigmoid().square().mean(-1),
                lambda fake: (fake.sigmoid() - 1).square().mean(-1),
            ),
        },
        probe=_pair,
        cases=[
            ("undecided scores", ([0.0, 0.0], [0.0, 0.0])),
            ("mixed scores", ([0.8, 1.3, -0.5], [0.2, -0.7, 1.1])),
            ("a stack of two models", ([[0.8, 1.3, -0.5], [0.1, -2.0, 1.0]], [[0.2, -0.7, 1.1], [0.0, 0.5, -1.5]])),
        ],
    ),
    "gan.hinge_loss": Exercise(
        answer=(lambda real, fake: relu(1 - real).mean(-1) + relu(1 + fake).mean(-1), lambda fake: -fake.mean(-1)),
        mistakes={
            "That is one mean over everything: .mean(-1) keeps a loss for each model of a stack.": (
                lambda real, fake: relu(1 - real).mean() + relu(1 + fake).mean(),
                lambda fake: -fake.mean(),
            ),
            "The generator's loss has no hinge: it is minus the mean score.": (
                lambda real, fake: relu(1 - real).mean(-1) + relu(1 + fake).mean(-1),
                lambda fake: relu(1 - fake).mean(-1),
            ),
            "Real and made rows are swapped in the discriminator's loss.": (
                lambda real, fake: relu(1 + real).mean(-1) + relu(1 - fake).mean(-1),
                lambda fake: -fake.mean(-1),
            ),
            "The generator's sign is flipped: it would learn to be found out.": (
                lambda real, fake: relu(1 - real).mean(-1) + relu(1 + fake).mean(-1),
                lambda fake: fake.mean(-1),
            ),
        },
        probe=_pair,
        cases=[
            ("undecided scores", ([0.0, 0.0], [0.0, 0.0])),
            ("inside and outside the margin", ([0.5, 1.5, -2.0], [-0.5, -1.5, 2.0])),
            ("a stack of two models", ([[0.8, 1.3, -0.5], [0.1, -2.0, 1.0]], [[0.2, -0.7, 1.1], [0.0, 0.5, -1.5]])),
        ],
    ),
}
