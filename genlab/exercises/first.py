"""Exercise of notebook 00: counting modes."""

import torch

from genlab.exercises.exercise import Exercise, probe_value


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
        probe=probe_value,
        cases=[
            ("every mode once", (_RING + _NEAR, _RING, 0.15, 1)),
            ("one mode, many samples", (_RING[:1] + _NEAR * torch.linspace(0, 1, 50)[:, None], _RING, 0.15, 5)),
            ("two of four, one with too few", (torch.cat([_RING[:2], _RING[:1] + _NEAR, _RING / 2]), _RING, 0.15, 2)),
            ("nothing near", (torch.zeros(20, 2), _RING, 0.15, 1)),
        ],
    ),
}
