"""Exercises of notebook 17: a slant from an image, one label for three wishes, and a hand from three digits."""

import torch

from genlab.exercises.exercise import Exercise, probe_value

BAR = torch.eye(5).flip(1)  # a stroke that leans right by 45 degrees
FLAT = torch.tensor([[0.0, 0, 1, 2, 3], [0, 1, 2, 1, 0], [3, 2, 0, 0, 0]])  # wider than tall


def _place(ink):
    """An image with the places of its columns and rows, from the centre of its ink: right and up are positive."""
    height, width = ink.shape
    right, up = torch.arange(float(width)), -torch.arange(float(height))
    return ink, right - (ink.sum(0) * right).sum() / ink.sum(), up - (ink.sum(1) * up).sum() / ink.sum()


def _of(weights, over):
    """A slant as the ink-weighted mean of one product over that of another."""

    def slant(ink, right, up):
        w, r, u = weights(ink), right[None, :], up[:, None]
        return (w * r * u).sum() / (w * over(r, u)).sum()

    return slant


EXERCISES = {
    "words.slant": Exercise(
        answer=_of(lambda ink: ink, lambda r, u: u * u),
        mistakes={
            "That is steps up for a step to the right: an upright stroke would have an endless slant. Divide by the spread up and down.": _of(lambda ink: ink, lambda r, u: r * r),
            "That counts every pixel alike, paper too: weigh each by its ink.": _of(lambda ink: torch.ones_like(ink), lambda r, u: u * u),
            "The sign is turned round: up is positive already, so a stroke that leans right has a positive slant.": lambda ink, right, up: -_of(lambda i: i, lambda r, u: u * u)(ink, right, up),
            "That is how right and up go together, not yet for a step up: divide by the ink-weighted sum of up * up.": lambda ink, right, up: (ink * right[None, :] * up[:, None]).sum(),
            "That is a mean product: divide by the ink-weighted sum of up * up, not by the ink.": lambda ink, right, up: (ink * right[None, :] * up[:, None]).sum() / ink.sum(),
        },
        probe=probe_value,
        cases=[("a leaning stroke", _place(BAR)), ("a flat one", _place(FLAT)), ("faint ink", _place(0.1 * FLAT.flip(1)))],
    ),
    "words.label": Exercise(
        answer=lambda digit, ink, slant: 9 * digit + 3 * ink + slant,
        mistakes={
            "Different wishes get the same label: (1, 0, 2) and (1, 2, 0), for example.": lambda digit, ink, slant: digit + ink + slant,
            "Three steps of slant and three of ink make nine labels a digit, not three: neighbours overlap.": lambda digit, ink, slant: 3 * digit + 3 * ink + slant,
            "Two steps of three make nine labels a digit, not six: the next digit begins too early.": lambda digit, ink, slant: 6 * digit + 3 * ink + slant,
            "One label each, but with holes between them: they should be 0 to 89.": lambda digit, ink, slant: 100 * digit + 10 * ink + slant,
            "One label each, but ink and slant are exchanged: the last wish, slant, is the one that moves fastest.": lambda digit, ink, slant: 9 * digit + 3 * slant + ink,
            "One label each, but in another order: the digit moves slowest.": lambda digit, ink, slant: digit + 10 * ink + 30 * slant,
        },
        probe=probe_value,
        cases=[("first of all", (0, 0, 0)), ("a thin slanted seven", (7, 0, 2)), ("last of all", (9, 2, 2)), ("a thick upright 1", (1, 2, 1))],
    ),
    "words.style": Exercise(
        answer=lambda codes, letters: codes.mean(0).expand(letters, -1),
        mistakes={
            "That is the first digit's code alone: what is peculiar to that digit counts as style, too.": lambda codes, letters: codes[0].expand(letters, -1),
            "A sum lies three times as far out as the codes do, where the decoder has never been.": lambda codes, letters: codes.sum(0).expand(letters, -1),
            "That gives each letter a digit's code of its own in turn: three styles instead of one.": lambda codes, letters: codes[torch.arange(letters) % len(codes)],
            "That is one code; the decoder wants one for each letter: (letters, numbers).": lambda codes, letters: codes.mean(0),
            "That is one number for everything: take the mean over the digits only, mean(0).": lambda codes, letters: codes.mean().expand(letters, codes.shape[1]),
            "The shape is turned round: (letters, numbers), a row for each.": lambda codes, letters: codes.mean(0)[:, None].expand(-1, letters),
            "The mean of the wrong axis: one number a digit is left, and no code.": lambda codes, letters: codes.mean(1).expand(letters, -1),
        },
        probe=probe_value,
        cases=[("three codes, four letters", (torch.tensor([[0.0, 3.0], [1.0, 0.0], [5.0, -6.0]]), 4)), ("two codes", (torch.tensor([[1.0, 2.0, 3.0], [3.0, 0.0, 1.0]]), 2))],
    ),
}  # fmt: skip
