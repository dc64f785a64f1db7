"""What all families share: knobs, random streams, batches, scaling, layers, and an optimiser that equals torch's."""

import contextlib
import copy
import dataclasses
import random

import numpy as np
import pytest
import torch

from genlab import parts
from genlab.datasets import Dataset, digits, ring
from genlab.parts import INITIALISE, LEARN, LOOK, MLP, Adam, Batches, Scale, Streams, knob


@dataclasses.dataclass
class Knobs(parts.Params):
    width: int = knob(8, 1, 64, live=False)
    lr: float = knob(0.1, 0.0, 1.0)
    game: str = knob("go", choices=("go", "chess"))


# -- knobs --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        (dict(widht=3), "widht: no such knob; there are width, lr, game"),
        (dict(width=0), "width=0: must be from 1 to 64"),
        (dict(width=65), "width=65: must be from 1 to 64"),
        (dict(width=8.0), "width=8.0: must be a whole number"),
        (dict(width=True), "width=True: must be a whole number"),
        (dict(width="8"), "width='8': must be a whole number"),
        (dict(width=None), "width=None"),
        (dict(lr=-0.1), "lr=-0.1: must be from 0 to 1"),
        (dict(lr=float("nan")), "lr=nan: must be from 0 to 1"),
        (dict(lr=float("inf")), "lr=inf"),
        (dict(lr=1j), "lr=1j: must be a number"),
        (dict(lr=torch.tensor(0.1)), "lr=tensor.0.1000.: must be a number"),
        (dict(game="poker"), "game='poker': must be one of 'go', 'chess'"),
        (dict(game=["go"]), r"game=\['go'\]: must be one of"),
        (dict(width=0, lr=2, game=0, hight=1), "(?s)Knobs: 4 problem.*width=0.*lr=2.*game=0.*hight: no such knob"),
    ],
)
def test_knobs_that_cannot_be(knobs, words):
    with pytest.raises(ValueError, match=words):
        Knobs.check(knobs)


def test_only_live_knobs_change_while_one_learns():
    Knobs.check(dict(lr=0.5), live_only=True)
    with pytest.raises(ValueError, match="width: needs a new model"):
        Knobs.check(dict(width=8), live_only=True)


def test_knobs_become_pythons_own_numbers():
    knobs = Knobs(width=np.int64(4), lr=np.float32(0.5))
    assert (type(knobs.width), type(knobs.lr), type(Knobs(lr=1).lr)) == (int, float, float)


# -- randomness ---------------------------------------------------------------------------------------------------------


def test_streams_are_set_apart_by_seed_and_by_purpose():
    drawn = {tuple(Streams(seed, use).normal(4).tolist()) for seed in (0, 1, 2**63 - 1) for use in range(50)}
    assert len(drawn) == 150
    assert torch.equal(Streams(7, LEARN).uniform(3, 2), Streams(7, LEARN).uniform(3, 2))


def test_a_member_draws_what_it_would_alone():
    stack, alone = Streams([3, 1], LEARN), [Streams(3, LEARN), Streams(1, LEARN)]
    for draw in ("normal", "uniform", "normal"):
        expected = [getattr(stream, draw)(5, 2) for stream in alone]
        assert torch.equal(getattr(stack, draw)(5, 2), torch.stack(expected))


def test_a_stream_goes_on_from_its_state():
    stream = Streams([1, 2], LEARN)
    stream.normal(7)
    state, expected = stream.state(), stream.normal(9)
    other = Streams([1, 2], LEARN)
    other.load_state(state)
    assert torch.equal(other.normal(9), expected) and state.dtype == torch.uint8 and len(state) == 2


def test_global_randomness_is_neither_used_nor_moved():
    def states():
        return torch.get_rng_state().tolist(), random.getstate(), str(np.random.get_state())  # noqa: NPY002

    before = states()
    data = digits()
    MLP(4, 8, (2,), 0, Streams(1, INITIALISE))
    next(iter(Batches(data.x, data.y, Size(8), 1, dict(step=0, rows=0))))
    ring()
    assert states() == before


# -- batches ------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Size:
    batch_size: int


def take(batches, n):
    return [(step, rows.clone(), y) for _, (step, rows, y) in zip(range(n), batches, strict=False)]


ROWS, LABELS = torch.arange(10.0)[:, None], torch.arange(10)


@pytest.mark.parametrize("size", [1, 3, 10, 25])
def test_every_row_comes_once_an_epoch(size):
    served = take(Batches(ROWS, LABELS, Size(size), 5, dict(step=0, rows=0)), 20)
    assert [step for step, _, _ in served] == list(range(1, 21))
    rows = torch.cat([rows for _, rows, _ in served]).flatten()
    assert torch.equal(rows, torch.cat([y for _, _, y in served]).float())  # a label stays with its row
    epochs = rows[: len(rows) // 10 * 10].reshape(-1, 10)
    assert (epochs.sort().values == torch.arange(10.0)).all()
    assert len(epochs) < 2 or len({tuple(epoch) for epoch in epochs.tolist()}) > 1  # in another order each time


@pytest.mark.parametrize("seed", [5, [5, 6]])
def test_the_cursor_is_the_whole_position(seed):
    whole = take(Batches(ROWS, None, Size(4), seed, dict(step=0, rows=0)), 12)
    cursor = dict(step=0, rows=0)
    parts = take(Batches(ROWS, None, Size(4), seed, cursor), 5)
    parts += take(Batches(ROWS, None, Size(4), seed, cursor), 7)
    assert all(a == b and torch.equal(x, y) for (a, x, _), (b, y, _) in zip(whole, parts, strict=True))
    assert cursor == dict(step=12, rows=48)


def test_the_batch_size_is_live():
    size = Size(3)
    batches = iter(Batches(ROWS, None, size, 5, dict(step=0, rows=0)))
    first = next(batches)[1]
    size.batch_size = 7
    assert torch.equal(torch.cat([first, next(batches)[1]]).sort(0).values, ROWS)


def test_each_member_has_the_order_it_would_have_alone():
    stack = take(Batches(ROWS, LABELS, Size(4), [5, 6], dict(step=0, rows=0)), 6)
    for k, seed in enumerate([5, 6]):
        alone = take(Batches(ROWS, LABELS, Size(4), seed, dict(step=0, rows=0)), 6)
        assert all(torch.equal(s[1][k], a[1]) and torch.equal(s[2][k], a[2]) for s, a in zip(stack, alone, strict=True))


# -- scaling ------------------------------------------------------------------------------------------------------------


def test_points_are_scaled_to_mean_0_and_sd_1():
    data = Dataset(torch.randn(500, 3, generator=torch.Generator().manual_seed(1)) * torch.tensor([1e-3, 1, 1e6]) + 5)
    scale = Scale.of(data)
    seen = scale.forward(data.x)
    assert seen.mean(0).abs().max() < 1e-3 and (seen.std(0) - 1).abs().max() < 1e-4
    assert torch.allclose(scale.back(seen), data.x, rtol=1e-4)


def test_images_are_scaled_to_1_by_their_range():
    data = digits()
    scale = Scale.of(data)
    assert scale.forward(data.x).aminmax() == (-1, 1) and torch.equal(scale.back(scale.forward(data.x)), data.x)


@pytest.mark.parametrize("column", [[0.1] * 1000, [1e10] * 1000, [-9e17, 9e17] * 500, [1e-30, 2e-30] * 500, [0] * 1000])
def test_extreme_columns_stay_finite(column):
    data = Dataset(torch.tensor([column, torch.arange(1000).tolist()]).T)
    scale = Scale.of(data)
    seen = scale.forward(data.x)
    assert seen.abs().max() < 10 and torch.allclose(scale.back(seen), data.x, rtol=1e-4)
    if len(set(column)) == 1:
        assert (seen[:, 0] == 0).all()


# -- layers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("classes", [0, 4])
def test_a_stacked_network_is_its_members(classes):
    shape, rows = (3, 2), torch.randn(2, 7, 5, generator=torch.Generator().manual_seed(1))
    y = torch.arange(14).reshape(2, 7) % 4 if classes else None
    stack = MLP(5, 16, shape, classes, Streams([8, 9], INITIALISE), bounded=True)
    out = stack(rows, y)
    assert out.shape == (2, 7, 3, 2) and out.abs().max() <= 1
    for k, seed in enumerate([8, 9]):
        alone = MLP(5, 16, shape, classes, Streams(seed, INITIALISE), bounded=True)
        assert all(torch.equal(s[k], a) for s, a in zip(stack.parameters(), alone.parameters(), strict=True))
        assert torch.allclose(alone(rows[k], y[k] if classes else None), out[k], atol=1e-6)


def test_a_score_is_one_number_a_row_and_images_are_taken_whole():
    assert MLP(64, 8, (), 0, Streams(1, INITIALISE))(torch.zeros(3, 1, 8, 8)).shape == (3,)
    assert MLP(64, 8, (), 0, Streams([1, 2], INITIALISE))(torch.zeros(2, 3, 1, 8, 8)).shape == (2, 3)


def test_first_outputs_are_spread_like_the_inputs():
    rows = torch.randn(1000, 64, generator=torch.Generator().manual_seed(1))
    for layer in MLP(64, 64, (64,), 0, Streams(1, INITIALISE)).layers:
        assert 0.4 < layer(rows).std() < 0.8


# -- learning -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_adam_is_torchs_fused_adam_bit_for_bit(dtype):
    rows = torch.randn(32, 3, generator=torch.Generator().manual_seed(1), dtype=dtype)
    ours = MLP(3, 8, (3,), 0, Streams(1, INITIALISE)).to(dtype)
    theirs = copy.deepcopy(ours)
    optimisers = Adam(ours.parameters()), torch.optim.Adam(theirs.parameters(), fused=True)
    for step in range(60):
        for network, optimiser in zip((ours, theirs), optimisers, strict=True):
            parts.set_optimiser(optimiser, 0.01 / (1 + step), 0.5, 0.9 + step / 1000)
            optimiser.zero_grad()
            (network(rows) - rows.flip(1)).square().mean().backward()
            optimiser.step()
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))


def test_adam_goes_on_from_its_state():
    def moved(optimiser, weight, steps):
        for _ in range(steps):
            optimiser.zero_grad()
            weight.square().sum().backward()
            optimiser.step()

    weight = torch.nn.Parameter(torch.ones(3))
    first = Adam([weight])
    moved(first, weight, 5)
    second_weight = torch.nn.Parameter(weight.detach().clone())
    second = Adam([second_weight])
    second.load_state_dict({name: tensor.clone() for name, tensor in first.state_dict().items()})
    moved(first, weight, 5)
    moved(second, second_weight, 5)
    assert torch.equal(weight, second_weight)


def test_the_average_forgets_the_start_soon_and_then_slowly():
    averaged, weights = [torch.zeros(2)], [torch.ones(2)]
    parts.move_average(averaged, weights, 1, 0.9)
    assert averaged[0].tolist() == pytest.approx([1 - 1 / 11] * 2)
    averaged = [torch.zeros(2)]
    parts.move_average(averaged, weights, 10**6, 0.9)
    assert averaged[0].tolist() == pytest.approx([0.1] * 2)


def test_due():
    assert [step for step in range(1, 10) if parts.due(step, 3)] == [3, 6, 9] and not parts.due(5, 0)


def test_threads_are_given_back_even_after_an_error():
    before = torch.get_num_threads()
    with contextlib.suppress(KeyError), parts.threads(before + 1):
        assert torch.get_num_threads() == before + 1
        raise KeyError
    assert torch.get_num_threads() == before


def test_a_device_is_named_or_found():
    assert parts.pick_device() in ("cpu", "cuda") and parts.pick_device("cpu") == "cpu"
    with pytest.raises(RuntimeError, match="teapot"):
        parts.pick_device("teapot")


def test_purposes_differ():
    assert len({INITIALISE, LEARN, LOOK, parts.ORDER}) == 4
