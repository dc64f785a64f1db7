"""Exercises of notebook 07: how uneven samples are spread over modes, and the penalty that keeps them apart."""

import torch

from genlab.exercises.exercise import Exercise, probe_value


def _uneven(counts):
    p = counts / counts.sum()
    return (p * (p * len(p)).log()).nansum()


def _r1(d, real):
    real = real.detach().requires_grad_()
    (slope,) = torch.autograd.grad(d(real).sum(), real, create_graph=True)
    return slope.square().sum(1).mean() / 2


def _penalty(answer, case):
    """Value of a penalty for a discriminator with weights w, and its gradient with respect to them."""
    weight, real = torch.tensor(case[0], requires_grad=True), torch.tensor(case[1])
    value = answer(lambda x: (x.square() @ weight).tanh(), real)
    if value is None or value is ...:
        return None
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"it returned {type(value).__name__} {value!r}; a penalty is a tensor, so that it has a gradient")
    reached = torch.zeros_like(weight)
    if value.requires_grad:
        reached = torch.autograd.grad(value.sum(), weight, allow_unused=True)[0]
    return {"the penalty": value.detach(), "its gradient at the discriminator's weights": reached}


def _slope(d, real, create_graph=True, total=torch.sum):
    real = real.detach().requires_grad_()
    return torch.autograd.grad(total(d(real)), real, create_graph=create_graph)[0]


EXERCISES = {
    "collapse.imbalance": Exercise(
        answer=_uneven,
        mistakes={
            "0 times the logarithm of 0 gives NaN; a mode without samples adds nothing: leave it out, as nansum does.": lambda counts: (
                (counts / counts.sum() * (counts / counts.sum() * len(counts)).log()).sum()
            ),
            "That is the entropy; it is high where samples are even. Compare each share with 1 / modes.": lambda counts: (
                -(counts / counts.sum() * (counts / counts.sum()).log()).nansum()
            ),
            "The even share is missing: compare p with 1 / modes, so that even counts give 0.": lambda counts: (
                (counts / counts.sum() * (counts / counts.sum()).log()).nansum()
            ),
            "Those are bits; take the natural logarithm, as metrics.imbalance does.": lambda counts: (
                _uneven(counts) / torch.tensor(2.0).log()
            ),
            "The sign is flipped: an imbalance is never below 0.": lambda counts: -_uneven(counts),
            "You divide by the number of modes inside the logarithm; p is compared with 1 / modes, so p times modes.": lambda counts: (
                (counts / counts.sum() * (counts / counts.sum() / len(counts)).log()).nansum()
            ),
            "You count only the modes that have samples; K is the number of all modes, len(counts).": lambda counts: _uneven(
                counts[counts > 0]
            ),
            "You take the mean over modes; the shares are the weights already: add up.": lambda counts: (
                _uneven(counts) / len(counts)
            ),
            "You weigh by counts; make shares of them first, counts / counts.sum().": lambda counts: (
                (counts * (counts / counts.sum() * len(counts)).log()).nansum()
            ),
            "That is the other way round: even shares compared with yours, infinite as soon as a mode is lost.": lambda counts: (
                -(counts / counts.sum() * len(counts)).log().mean()
            ),
        },
        probe=probe_value,
        cases=[
            ("even", (torch.tensor([250.0, 250.0, 250.0, 250.0]),)),
            ("all in one mode of eight", (torch.tensor([0.0, 900.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),)),
            ("uneven", (torch.tensor([10.0, 40.0, 0.0, 50.0]),)),
        ],
    ),
    "collapse.r1": Exercise(
        answer=_r1,
        mistakes={
            "Without create_graph=True the slope is a plain number: the penalty has the right value, and nobody learns from it.": lambda d, real: (
                _slope(d, real, create_graph=False).square().sum(1).mean() / 2
            ),
            "The half is missing.": lambda d, real: _slope(d, real).square().sum(1).mean(),
            "You average over a row's numbers too: the squared length of a slope is their sum, so .sum(1) before the mean.": lambda d, real: (
                _slope(d, real).square().mean() / 2
            ),
            "That is the length of the slope; the penalty takes its square.": lambda d, real: (
                _slope(d, real).square().sum(1).sqrt().mean() / 2
            ),
            "You take the slope of the mean score, which is each row's own divided by the number of rows: use d(real).sum().": lambda d, real: (
                _slope(d, real, total=torch.mean).square().sum(1).mean() / 2
            ),
            "You add up over the rows; take their mean, so that the batch's size does not matter.": lambda d, real: (
                _slope(d, real).square().sum() / 2
            ),
            "You square the mean slope: slopes to the left and to the right then cancel. Square each row's first.": lambda d, real: (
                _slope(d, real).mean(0).square().sum() / 2
            ),
            "That pulls the slope to 1, as the gradient penalty of Wasserstein does; R1 pulls it to 0.": lambda d, real: (
                (_slope(d, real).square().sum(1).sqrt() - 1).square().mean() / 2
            ),
            "You penalise the score itself; R1 penalises how fast it changes with the row.": lambda d, real: (
                d(real).square().mean() / 2
            ),
        },
        probe=_penalty,
        cases=[
            ("one row", ([0.3, -0.2], [[1.0, 2.0]])),
            ("three rows", ([0.5, 0.1], [[1.0, -1.0], [0.2, 0.4], [-0.7, 1.5]])),
        ],
    ),
}
