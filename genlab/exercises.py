"""The course's exercises: right answers, the mistakes that learners make, and the cases on which both are probed.

``genlab.checks`` runs them. A new exercise is one entry of `EXERCISES`; a test holds every stored mistake to its
sentence.
"""

import dataclasses

import torch
from torch.nn.functional import relu, softplus


@dataclasses.dataclass
class Exercise:
    """One exercise: its right answer, its known mistakes, and how an answer is probed.

    Attributes
    ----------
    answer : callable
    mistakes : dict of sentence -> callable
        Wrong answers that learners give, each under the idea that makes it wrong.
    probe : callable of (answer, case) -> dict of name -> Tensor or number
        What an answer gives in one case.
    cases : list of (label, case)
    """

    answer: object
    mistakes: dict
    probe: object
    cases: list


# -- how answers are probed ------------------------------------------------------------------------------------------


def _loss(answer, case):
    """Value of a loss, and its gradient with respect to every score."""
    scores = [torch.tensor(score, requires_grad=True) for score in case]
    loss = answer(*scores)
    if loss is None or loss is ...:
        return None
    if not isinstance(loss, torch.Tensor):
        raise TypeError(f"it returned {type(loss).__name__} {loss!r}; a loss is a tensor, so that it has a gradient")
    gradients = (
        torch.autograd.grad(loss.sum(), scores, allow_unused=True) if loss.requires_grad else [None] * len(scores)
    )
    return {"the loss": loss.detach()} | {f"the gradient of input {i + 1}": g for i, g in enumerate(gradients)}


def _pair(answer, case):
    """A pair of losses: the discriminator's of (real, fake), the generator's of (fake)."""
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise TypeError("the answer is a pair: (loss of the discriminator, loss of the generator)")
    judge, improve = (_loss(loss, args) for loss, args in zip(answer, (case, case[1:]), strict=True))
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


def _value(answer, case):
    result = answer(*case)
    return None if result is None or result is ... else {"the result": torch.as_tensor(result)}


def _mask(answer, case):
    """Which rows of a small table an answer marks."""
    import pandas as pd

    marked = answer(pd.DataFrame(case, columns=["q1", "q2", "q3"]))
    return None if marked is None or marked is ... else {"the marked rows": torch.tensor(pd.Series(marked).to_list())}


def _modes(x, centres, radius, enough):
    return int(((torch.cdist(x, centres) < radius).sum(0) >= enough).sum())


_RING = torch.tensor([[2.0, 0.0], [0.0, 2.0], [-2.0, 0.0], [0.0, -2.0]])
_NEAR = torch.tensor([0.05, -0.05])
EXERCISES = {
    "first.modes": Exercise(
        answer=_modes,
        mistakes={
            "You count samples near a mode; count modes that have enough samples near them.": lambda x, c, r, enough: (
                int((torch.cdist(x, c) < r).any(1).sum())
            ),
            "You count the modes with at least one sample near them; ask for `enough` of them.": lambda x, c, r, enough: (
                int((torch.cdist(x, c) < r).any(0).sum())
            ),
            "You count the modes that have too few samples near them.": lambda x, c, r, enough: int(
                ((torch.cdist(x, c) < r).sum(0) < enough).sum()
            ),
            "You ask for more than `enough` samples; exactly that many will do.": lambda x, c, r, enough: int(
                ((torch.cdist(x, c) < r).sum(0) > enough).sum()
            ),
            "That says of each mode whether it is covered; now count them, with .sum().": lambda x, c, r, enough: (
                (torch.cdist(x, c) < r).sum(0) >= enough
            ),
            "That is how many samples each mode has; now count the modes that have enough.": lambda x, c, r, enough: (
                torch.cdist(x, c) < r
            ).sum(0),
        },
        probe=_value,
        cases=[
            ("every mode once", (_RING + _NEAR, _RING, 0.15, 1)),
            ("one mode, many samples", (_RING[:1] + _NEAR * torch.linspace(0, 1, 50)[:, None], _RING, 0.15, 5)),
            ("two of four, one with too few", (torch.cat([_RING[:2], _RING[:1] + _NEAR, _RING / 2]), _RING, 0.15, 2)),
            ("nothing near", (torch.zeros(20, 2), _RING, 0.15, 1)),
        ],
    ),
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
        probe=_loss,
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
        probe=_loss,
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
        probe=_value,
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
    "tables.on_scale": Exercise(
        answer=lambda value, floor, ceiling: (value - floor) / (ceiling - floor),
        mistakes={
            "You take the floor for zero: a table of shuffled columns already scores the floor.": lambda v, f, c: v / c,
            "You measure from the floor, but the whole way is from the floor to the ceiling.": lambda v, f, c: (v - f) / c,
            "You take 1 for the best score; real rows reach the ceiling and no more.": lambda v, f, c: (v - f) / (1 - f),
            "That is how far it still is to the ceiling, not how far it has come.": lambda v, f, c: (c - v) / (c - f),
            "That is the distance from the floor; divide it by the whole way.": lambda v, f, c: v - f,
        },
        probe=_value,
        cases=[("a likeness", (0.96, 0.92, 0.97)), ("an AUC, where low is good", (0.56, 0.94, 0.5)), ("at the floor", (0.3, 0.3, 0.8))],
    ),
    "tables.straight_liners": Exercise(
        answer=lambda rows: rows.nunique(axis=1) == 1,
        mistakes={
            "You mark the honest rows; mark those with one and the same answer to all items.": lambda rows: rows.nunique(axis=1) > 1,
            "You compare the first item with the last; what lies between may differ.": lambda rows: rows["q1"] == rows["q3"],
            "You compare the first two items only.": lambda rows: rows["q1"] == rows["q2"],
            "You mark rows in which any two answers agree; all must.": lambda rows: rows.nunique(axis=1) < 3,
            "You mark items, not rows: count along axis=1.": lambda rows: rows.nunique(axis=0) == 1,
            "That is how many different answers a row has; now compare it with 1.": lambda rows: rows.nunique(axis=1),
        },
        probe=_mask,
        cases=[
            ("three persons", [[4, 4, 4], [2, 5, 2], [7, 7, 1]]),
            ("four persons", [[1, 1, 1], [7, 7, 7], [1, 2, 3], [3, 1, 1]]),
        ],
    ),
}
