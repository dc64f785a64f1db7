"""Exercises of notebooks 08 to 11: two that play, what a likelihood pays for, what repeats, and what is copied."""

import torch

from genlab.exercises.exercise import Exercise, probe_value


def _step(theta, psi, h):
    belief = (psi * theta).sigmoid()
    return theta + h * psi * belief, psi - h * theta * belief


def _alternating(theta, psi, h):
    theta = theta + h * psi * (psi * theta).sigmoid()
    return theta, psi - h * theta * (psi * theta).sigmoid()


def _other_first(theta, psi, h):
    psi = psi - h * theta * (psi * theta).sigmoid()
    return theta + h * psi * (psi * theta).sigmoid(), psi


def _signs(of_theta, of_psi):
    return lambda theta, psi, h: (
        theta + of_theta * h * psi * (psi * theta).sigmoid(),
        psi + of_psi * h * theta * (psi * theta).sigmoid(),
    )


def _slopes(s):
    return -s.sigmoid(), -(-s).sigmoid()


def _pair(answer, case):
    """Two results, named."""
    result = answer(*map(torch.tensor, case))
    if result is None or result is ...:
        return None
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise TypeError(f"it returned {type(result).__name__} {result!r}; two results are wanted: return first, second")
    return {name: torch.as_tensor(value) for name, value in zip(("the first", "the second"), result, strict=True)}


def _tensors(answer, case):
    return probe_value(answer, [torch.tensor(value) if isinstance(value, list) else value for value in case])


def _repeats(text, n):
    pieces = [text[i : i + n] for i in range(len(text) - n + 1)]
    return 1 - len(set(pieces)) / len(pieces)


def _doubled(text, n):
    pieces = [text[i : i + n] for i in range(len(text) - n + 1)]
    return sum(pieces.count(piece) > 1 for piece in pieces) / len(pieces)


def _apart(text, n):
    pieces = [text[i : i + n] for i in range(0, len(text) - n + 1, n)]
    return 1 - len(set(pieces)) / len(pieces)


def _one_short(text, n):
    pieces = [text[i : i + n] for i in range(len(text) - n)]
    return 1 - len(set(pieces)) / len(pieces) if pieces else 0.0


def _away(a, b):
    return torch.cdist(a, b).amin(1)


def _nearer(made, train, held_out):
    return (_away(made, train) < _away(made, held_out)).double().mean()


def _stop(bits, patience):
    best = 0
    for look, value in enumerate(bits):
        if value < bits[best]:
            best = look
        elif look - best >= patience:
            break
    return best


def _stop_itself(bits, patience):
    best = 0
    for look, value in enumerate(bits):
        if value < bits[best]:
            best = look
        elif look - best >= patience:
            return look
    return len(bits) - 1


def _first_rise(bits, patience):
    return next((look - 1 for look in range(1, len(bits)) if bits[look] > bits[look - 1]), len(bits) - 1)


EXERCISES = {
    "instability.step": Exercise(
        answer=_step,
        mistakes={
            "You move the generator first and let the discriminator see its new place: that is alternating; here both move from the old places.": _alternating,
            "You move the discriminator first and let the generator see the new one: here both move from the old places.": _other_first,
            "Both of your signs are turned round: the generator goes up where the score rises, the discriminator down.": _signs(
                -1, 1
            ),
            "The generator's sign is turned round: with psi above 0 the score rises to the right, so that theta grows.": _signs(
                -1, -1
            ),
            "The discriminator's sign is turned round: it lowers the score of the made row, so that psi falls while theta is above 0.": _signs(
                1, 1
            ),
            "The belief is that of the negative score; take sigmoid(psi * theta).": lambda theta, psi, h: (
                theta + h * psi * (-psi * theta).sigmoid(),
                psi - h * theta * (-psi * theta).sigmoid(),
            ),
            "The belief is missing: each slope is multiplied by sigmoid(psi * theta).": lambda theta, psi, h: (
                theta + h * psi,
                psi - h * theta,
            ),
            "The step size h is missing.": lambda theta, psi, h: _step(theta, psi, 1.0),
            "You return the two moves; add them to theta and psi.": lambda theta, psi, h: (
                h * psi * (psi * theta).sigmoid(),
                -h * theta * (psi * theta).sigmoid(),
            ),
            "The two are the wrong way round: return theta, then psi.": lambda theta, psi, h: _step(theta, psi, h)[::-1],
        },
        probe=_pair,
        cases=[("to the right", (1.0, 0.5, 0.1)), ("to the left", (-0.7, 1.2, 0.3))],
    ),
    "instability.slopes": Exercise(
        answer=_slopes,
        mistakes={
            "The two are the wrong way round: the saturating one first.": lambda s: _slopes(s)[::-1],
            "Your signs are turned round: both losses fall when the score rises.": lambda s: (s.sigmoid(), (-s).sigmoid()),
            "Those are the losses themselves; their slopes are wanted.": lambda s: (
                -torch.nn.functional.softplus(s),
                torch.nn.functional.softplus(-s),
            ),
            "One of the signs is turned round: both losses fall when the score rises.": lambda s: (
                s.sigmoid(),
                -(-s).sigmoid(),
            ),
            "That is the slope of sigmoid(s); the losses are made of softplus, whose slope is sigmoid.": lambda s: (
                -s.sigmoid() * (1 - s.sigmoid()),
                -s.sigmoid() * (1 - s.sigmoid()),
            ),
        },
        probe=_pair,
        cases=[("sure that it is made", ([-6.0, -3.0],)), ("unsure and sure that it is real", ([0.0, 4.0],))],
    ),
    "blur.sigma": Exercise(
        answer=lambda x, mean: (x - mean).square().mean().sqrt(),
        mistakes={
            "That is the variance; a sigma is its square root.": lambda x, mean: (x - mean).square().mean(),
            "That is the mean absolute error; the normal density has squares in it.": lambda x, mean: (x - mean).abs().mean(),
            "You add up where the mean is wanted, so that more pixels make a larger sigma.": lambda x, mean: (
                (x - mean).square().sum().sqrt()
            ),
            "That is the spread of the data; what counts is how far they are from the decoder's means.": lambda x, mean: (
                x.std(unbiased=False)
            ),
            "You take the mean error out first; what is left over counts whole.": lambda x, mean: (x - mean).std(
                unbiased=False
            ),
            "One sigma for all is wanted: take the mean over rows and pixels.": lambda x, mean: (
                (x - mean).square().mean(1).sqrt()
            ),
            "You take the mean error, in which errors up and down cancel.": lambda x, mean: (x - mean).mean(),
        },
        probe=_tensors,
        cases=[
            ("small errors", ([[0.2, 0.4], [1.0, -1.0]], [[0.1, 0.5], [0.9, -1.0]])),
            ("large errors", ([[3.0, 0.0], [-1.0, 2.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 1.0], [0.5, 1.0]])),
        ],
    ),
    "blur.free_bits": Exercise(
        answer=lambda kl, free: kl.clamp(min=free).sum(),
        mistakes={
            "Free bits hold for each number of the code, not for their sum: clamp first, then add up.": lambda kl, free: (
                kl.sum().clamp(min=free)
            ),
            "You take the free nats off; here they stay in the price: a number below them costs as much as one with them.": lambda kl, free: (
                (kl - free).clamp(min=0).sum()
            ),
            "You clamp from above: that would make a number that tells much as cheap as one that tells little.": lambda kl, free: (
                kl.clamp(max=free).sum()
            ),
            "You take the mean over the numbers of the code; a row pays for all of them: add up.": lambda kl, free: (
                kl.clamp(min=free).mean()
            ),
            "You add the free nats to every number.": lambda kl, free: (kl + free).sum(),
            "You leave out the numbers below the limit; each of them costs the limit.": lambda kl, free: kl[kl > free].sum(),
            "Nothing is free here: that is the plain KL divergence.": lambda kl, free: kl.sum(),
        },
        probe=_tensors,
        cases=[("some below", ([0.01, 0.3, 2.0], 0.5)), ("all below", ([0.1, 0.2, 0.0], 0.5)), ("none", ([1.0, 2.0], 0.1))],
    ),
    "far.repeats": Exercise(
        answer=_repeats,
        mistakes={
            "You count the first time too: a piece repeats when it has stood there before.": _doubled,
            "You cut the text into pieces side by side; they overlap: one begins at each symbol.": _apart,
            "The last piece is missing: there are len(text) - n + 1 of them.": _one_short,
            "That is the share of pieces that are new; 1 minus that repeats.": lambda text, n: 1 - _repeats(text, n),
            "That is a number of pieces; divide by how many there are.": lambda text, n: (
                _repeats(text, n) * (len(text) - n + 1)
            ),
            "You look at single symbols; pieces are n symbols long.": lambda text, n: _repeats(text, 1),
        },
        probe=probe_value,
        cases=[("a loop", ("the the the the", 4)), ("nearly none", ("a quick brown fox, a quiet end", 3)), ("short", ("aab", 2))],
    ),
    "quality.nearer": Exercise(
        answer=_nearer,
        mistakes={
            "The other way round: that is the share which is nearer to held-out rows.": lambda made, train, held_out: _nearer(
                made, held_out, train
            ),
            "You compare mean distances to all rows; a copy is near to one row: take the smallest.": lambda made, train, held_out: (
                (torch.cdist(made, train).mean(1) < torch.cdist(made, held_out).mean(1)).double().mean()
            ),
            "That is how much nearer they are on average; the share of samples is wanted.": lambda made, train, held_out: (
                _away(made, held_out) - _away(made, train)
            ).mean(),
            "You take the smallest over the samples: each sample looks for its nearest row, so over the rows.": lambda made, train, held_out: (
                (_away(train, made) < _away(held_out, made)).double().mean()
            ),
            "That is a number of samples; divide by how many there are.": lambda made, train, held_out: (
                (_away(made, train) < _away(made, held_out)).double().sum()
            ),
            "That is the mean distance to the nearest training row, with nothing to compare it with.": lambda made, train, held_out: (
                _away(made, train).mean()
            ),
        },
        probe=_tensors,
        cases=[
            (
                "copies",
                (
                    [[0.0, 0.1], [1.0, 1.1], [0.1, 0.0], [5.0, 5.0]],
                    [[0.0, 0.0], [1.0, 1.0], [9.0, 9.0]],
                    [[0.5, 0.5], [4.0, 4.0], [2.0, 0.0]],
                ),
            ),
            (
                "none",
                (
                    [[2.0, 2.0], [3.0, 3.0], [0.4, 0.0]],
                    [[0.0, 0.0], [9.0, 9.0], [8.0, 0.0]],
                    [[2.0, 2.1], [3.0, 2.8], [8.0, 8.0]],
                ),
            ),
        ],
    ),
    "quality.stop": Exercise(
        answer=_stop,
        mistakes={
            "You look at all numbers, those after the stop included; a run that has stopped does not see them.": lambda bits, patience: (
                min(range(len(bits)), key=bits.__getitem__)
            ),
            "That is where it stops; go back to the best look before that.": _stop_itself,
            "You stop at the first rise; patience says how many looks may pass without a new best.": _first_rise,
            "You return the number of bits; the place in the list is wanted.": lambda bits, patience: bits[
                _stop(bits, patience)
            ],
            "The last look is not always the best one.": lambda bits, patience: len(bits) - 1,
        },
        probe=probe_value,
        cases=[
            ("a dip after the stop", ([3.0, 2.5, 2.2, 2.3, 2.4, 2.6, 1.9], 3)),
            ("a small bump", ([3.0, 2.5, 2.6, 2.4, 2.2, 2.5, 2.7, 2.9], 2)),
            ("never worse", ([3.0, 2.0, 1.0], 1)),
        ],
    ),
}
