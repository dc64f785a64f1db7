"""What an exercise is, and the ways in which answers are probed."""

import dataclasses

import torch


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


def probe_loss(answer, case):
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


def probe_value(answer, case):
    result = answer(*case)
    return None if result is None or result is ... else {"the result": torch.as_tensor(result)}
