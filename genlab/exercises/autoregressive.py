"""Exercises of notebook 05: what a symbol costs, what may be seen, how boldly to draw."""

import math

import torch

from genlab.exercises.exercise import Exercise, probe_value


def _mean_bits(p, counted):
    return -(p.log2() * counted).sum() / counted.sum()


def _earlier(scores, diagonal=1):
    """Weights of attention, where places above a diagonal may not be seen."""
    hidden = torch.ones_like(scores, dtype=torch.bool).triu(diagonal)
    return scores.masked_fill(hidden, -math.inf).softmax(-1)


_P = torch.tensor([[0.5, 0.25, 0.125, 0.5], [0.1, 0.9, 0.3, 0.2], [0.8, 0.05, 0.6, 0.4]])
_COUNTED = torch.tensor([[1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 0]], dtype=torch.bool)
_SCORES = torch.tensor([[0.5, 2.0, -1.0, 0.3], [1.0, -0.5, 3.0, 0.1], [-2.0, 0.7, 0.2, 1.5], [0.0, 1.0, -1.0, 2.0]])
EXERCISES = {
    "autoregressive.bits": Exercise(
        answer=_mean_bits,
        mistakes={
            "Those are nats: the natural logarithm. Bits take the logarithm to base 2.": lambda p, counted: (
                -(p.log() * counted).sum() / counted.sum()
            ),
            "You take the mean of the probabilities first; take each one's logarithm first, then the mean.": lambda p, c: (
                -((p * c).sum() / c.sum()).log2()
            ),
            "The filling behind the end counts in yours; only symbols that are `counted` cost anything.": lambda p, counted: (
                -p.log2().mean()
            ),
            "You divide by all places, filling included; divide by the number of counted symbols.": lambda p, counted: (
                -(p.log2() * counted).sum() / p.numel()
            ),
            "The sign is missing: the logarithm of a probability is below zero, a cost is above.": lambda p, counted: (
                (p.log2() * counted).sum() / counted.sum()
            ),
            "Those are the bits of a whole name, on average; asked for are those of a symbol.": lambda p, counted: (
                -(p.log2() * counted).sum(1).mean()
            ),
            "You take the mean of each name first, so that a symbol of a short name weighs more.": lambda p, counted: (
                -((p.log2() * counted).sum(1) / counted.sum(1)).mean()
            ),
            "That is the cost of all symbols together; divide by how many are counted.": lambda p, counted: (
                -(p.log2() * counted).sum()
            ),
            "That is the perplexity, 2 to the power of the bits; asked for are the bits themselves.": lambda p, counted: (
                2 ** _mean_bits(p, counted)
            ),
        },
        probe=probe_value,
        cases=[
            ("two symbols and an end", (_P[:1, :3], _COUNTED[:1, :3])),
            ("names of unequal length", (_P, _COUNTED)),
            ("an unlikely name", (_P[1:] ** 3, _COUNTED[1:])),
        ],
    ),
    "autoregressive.causal": Exercise(
        answer=_earlier,
        mistakes={
            "Nothing is hidden: each place sees what comes later, the very symbol that it is to predict.": lambda s: (
                s.softmax(-1)
            ),
            "The mask is transposed: each place sees only itself and what comes later.": lambda s: s.masked_fill(
                torch.ones_like(s, dtype=torch.bool).tril(-1), -math.inf
            ).softmax(-1),
            "Each place is hidden from itself, so that the first one sees nothing: it holds the symbol before, let it "
            "look.": lambda s: _earlier(s, 0),
            "One place too many: each place sees the next one too, which holds the symbol that it is to predict.": lambda s: (
                _earlier(s, 2)
            ),
            "You hide after the softmax, so that the weights no longer add up to 1: hide before it.": lambda s: (
                s.softmax(-1).tril()
            ),
            "You set hidden scores to 0, and the softmax gives 0 a weight too: set them to minus infinity.": lambda s: (
                s.tril().softmax(-1)
            ),
            "The weights add up to 1 down the columns; each row is one place's attention, so softmax along -1.": lambda s: (
                s.masked_fill(torch.ones_like(s, dtype=torch.bool).triu(1), -math.inf).softmax(0)
            ),
            "Those are the masked scores; a softmax makes weights of them.": lambda s: s.masked_fill(
                torch.ones_like(s, dtype=torch.bool).triu(1), -math.inf
            ),
        },
        probe=probe_value,
        cases=[
            ("equal scores", (torch.zeros(3, 3),)),
            ("unequal scores", (_SCORES,)),
            ("a later place that stands out", (torch.tensor([[0.0, 9.0], [1.0, 2.0]]),)),
        ],
    ),
    "autoregressive.temperature": Exercise(
        answer=lambda logits, temperature: (logits / temperature).softmax(-1),
        mistakes={
            "You multiply by the temperature: a low one then makes the draw bolder. Divide.": lambda logits, t: (
                logits * t
            ).softmax(-1),
            "You divide probabilities, which then do not add up to 1: divide the logits, before the softmax.": lambda logits, t: (
                logits.softmax(-1) / t
            ),
            "You divide probabilities by one number and rescale them, which changes nothing: divide the logits.": lambda logits, t: (
                logits.softmax(-1)
            ),
            "That is a softmax of a softmax: divide the logits themselves.": lambda logits, t: (
                logits.softmax(-1) / t
            ).softmax(-1),
            "They do not add up to 1 yet: that is what the softmax does.": lambda logits, t: (logits / t).exp(),
            "You normalise down the columns; each row of logits is one draw, so softmax along -1.": lambda logits, t: (
                logits / t
            ).softmax(0),
            "Right on paper, but exp overflows for large logits: .softmax(-1) subtracts the largest first.": lambda logits, t: (
                (logits / t).exp() / (logits / t).exp().sum(-1, keepdim=True)
            ),
            "Those are logits of the draw; a softmax makes probabilities of them.": lambda logits, t: logits / t,
        },
        probe=probe_value,
        cases=[
            ("cool", (torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.5, -1.0]]), 0.5)),
            ("hot", (torch.tensor([[2.0, 1.0, 0.0], [-3.0, 3.0, 0.0]]), 4.0)),
            ("large logits", (torch.tensor([[800.0, 798.0]]), 0.7)),
        ],
    ),
}
