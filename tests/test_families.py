"""The contract of all loops: same seed, same history; stop and go on bit for bit; a stack is its members; looking
changes nothing; what is wrong is said. One test for every family: a row of `CASES` puts a model under all of them.
"""

import dataclasses
import itertools
import math
import random
from collections.abc import Callable

import numpy as np
import pytest
import torch

import genlab as gl
from genlab.datasets import Dataset
from genlab.parts import threads
from genlab.training import Stopped


def ring():
    return gl.datasets.ring(n=300, seed=1)


@dataclasses.dataclass
class Case:
    """A small model of a family, and what the contract must know of it.

    Parameters
    ----------
    model : class
    data : callable
        Makes the rows, so that they come in the float type of the test.
    knobs : dict
        Of a small model that learns quickly.
    turn : dict
        Live knobs to change in the middle, their batch size among them.
    stages : list of str
        What its loop yields inside a step.
    part : str
        The network that is made sick, by a NaN among its weights.
    looks : callable
        Everything one can ask of a model, of (model, rows, y), with y None for a model without labels.
    """

    model: type
    data: Callable
    knobs: dict
    turn: dict
    stages: list
    part: str
    looks: Callable = lambda model, x, y: None

    def make(self, seed=5, **knobs):
        return self.model(self.data(), seed=seed, **dict(batch_size=32) | self.knobs | knobs), self.data()


def gan(data=ring, turn=(), **knobs):
    turn = dict(lr_g=1e-3, batch_size=50, r1=0.5) | dict(turn)
    return Case(gl.GAN, data, dict(hidden=8) | knobs, turn, ["make", "judge", "improve"], "generator", look_at_a_gan)


def look_at_a_gan(model, x, y):
    model.sample(7, seed=1, averaged=False), model.score(x, y=y)
    model.make(torch.zeros(3, model.hp.latent_dim), y=y)


def vae(data=ring, turn=(), **knobs):
    turn = dict(lr=1e-3, batch_size=50, beta=0.5) | dict(turn)
    return Case(gl.VAE, data, dict(hidden=8) | knobs, turn, ["encode", "decode", "improve"], "decoder", look_at_a_vae)


def look_at_a_vae(model, x, y):
    model.sample(7, seed=1, means=True), model.encode(x, y=y), model.reconstruct(x, y=y)
    model.elbo(x, y=y, samples=2), model.log_likelihood(x, y=y, samples=2), model.bits(x, y=y, samples=2)
    model.decode(torch.zeros(3, model.hp.latent_dim), y=y)
    if model.hp.mask_rate:
        model.impute(x, x > x.mean(), y=y, samples=3, draws=2)


def names():
    data = gl.datasets.names()
    return dataclasses.replace(data, x=data.x[:300], y=data.y[:300])


def autoregressive(network, data=names, turn=(), **knobs):
    turn, knobs = dict(lr=1e-3, batch_size=50) | dict(turn), dict(network=network, hidden=8) | knobs
    stages = ["predict", "compare", "improve"]
    return Case(gl.Autoregressive, data, knobs, turn, stages, "network", look_at_an_autoregressive_model)


def look_at_an_autoregressive_model(model, x, y):
    model.sample(3, seed=1, averaged=False, temperature=0.5, top_k=9, top_p=0.9, prefix=x[0].flatten()[:2])
    model.next(x[0].flatten()[:2], y=y), model.bits(x, y=y), model.log_likelihood(x, y=y)
    if model.hp.network == "transformer":
        model.attention(x[0].flatten()[:2], y=y)


DIGITS = gl.datasets.digits
CASES = {
    "gan": gan(),
    "gan, saturating": gan(loss="saturating", r1=0.0, average=0.0),
    "gan, digits with labels": gan(DIGITS, conditional=True, r1=1.0, penalty_every=4, latent_dim=5),
    "gan, wasserstein": gan(loss="wasserstein", r1=0.0, gp=1.0, g_every=3),
    "vae": vae(likelihood="learned sigma"),
    "vae, gaussian": vae(likelihood="gaussian", sigma=0.5, turn=dict(sigma=0.2)),
    "vae, bernoulli": vae(DIGITS, turn=dict(free_bits=0.1)),
    "vae, digits with labels": vae(
        DIGITS, conditional=True, likelihood="discretised logistic", latent_dim=5, mask_rate=0.8, free_bits=0.2
    ),
    "autoregressive, transformer": autoregressive("transformer", heads=2, dropout=0.1, turn=dict(dropout=0.2)),
    "autoregressive, mlp on digits with labels": autoregressive("mlp", DIGITS, conditional=True),
    "autoregressive, gru": autoregressive("gru"),
}
SEEDS = [5, [5, 9, 2]]
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
single_and_stack = pytest.mark.parametrize("seed", SEEDS, ids=["single", "stack"])
one_a_family = pytest.mark.parametrize(
    "case", {case.model: case for case in CASES.values()}.values(), ids=lambda case: case.model.__name__
)
LABELLED = {name: case for name, case in CASES.items() if case.knobs.get("conditional")}
with_labels = pytest.mark.parametrize("case", LABELLED.values(), ids=LABELLED)


def history(loop, steps):
    return gl.run(loop, steps=steps).history


def same(one, other):
    """Whether two models are in the same state, bit for bit."""
    (tensors, rest), (others, other_rest) = one.state(), other.state()
    return rest == other_rest and all(torch.equal(tensors[name], others[name]) for name in tensors | others)


def label(model):
    return 3 if model.classes else None


@pytest.fixture(autouse=True)
def one_thread():
    """As `run` has it: sums of several threads can differ in the last bit, and small networks wait for the others."""
    with threads(1):
        yield


# -- seeds and randomness -----------------------------------------------------------------------------------------------


@every_case
@single_and_stack
def test_same_seed_same_history(case, seed):
    histories = []
    for s in (seed, seed, 6 if seed == 5 else [6, 9, 2]):
        model, data = case.make(s)
        histories.append(history(model.steps(data), 12))
    assert histories[0].equals(histories[1]) and not histories[0].equals(histories[2])


@every_case
def test_global_randomness_is_neither_used_nor_moved(case):
    def states():
        return torch.get_rng_state().tolist(), random.getstate(), str(np.random.get_state())  # noqa: NPY002

    before, histories = states(), []
    for _ in range(2):
        model, data = case.make()
        histories.append(history(model.steps(data), 5))
        model.sample(3), model.sample(3, seed=1), case.looks(model, data.x[:5], label(model))
    assert states() == before
    torch.manual_seed(99)
    model, data = case.make()
    assert history(model.steps(data), 5).equals(histories[0])


@every_case
@single_and_stack
def test_looking_never_changes_learning(case, seed):
    (quiet, data), (watched, _) = case.make(seed), case.make(seed)
    expected, looked = history(quiet.steps(data), 15), []
    for record in itertools.islice(watched.steps(data), 15):
        looked.append(record)
        watched.sample(7), watched.sample(1, y=label(watched)), watched.state(), repr(watched)
        case.looks(watched, data.x[:5], label(watched))
    assert history(looked, 15).equals(expected) and same(quiet, watched)


@every_case
@single_and_stack
def test_a_record_holds_plain_numbers(case, seed):
    model, data = case.make(seed)
    for record in itertools.islice(model.steps(data), 4):
        values = {name: value for name, value in record.items() if name != "step"}
        assert type(record["step"]) is int and values
        for value in values.values():  # no graph hangs on them, or memory would fill
            assert value.shape == (() if seed == 5 else (3,)) and value.grad_fn is None and not value.requires_grad


@every_case
@single_and_stack
def test_stages_are_the_same_arithmetic(case, seed):
    (plain, data), (slow, _) = case.make(seed), case.make(seed)
    looks = len(case.stages) + 1
    records = list(itertools.islice(slow.steps(data, stages=True), looks * 12))
    assert [r.get("stage") for r in records[:looks]] == [*case.stages, None]
    assert all(r["step"] == i // looks + 1 for i, r in enumerate(records))
    assert history(records[looks - 1 :: looks], 12).equals(history(plain.steps(data), 12)) and same(plain, slow)
    assert history(slow.steps(data, stages=True), 5).equals(history(plain.steps(data), 5))  # run counts whole steps


# -- stop and go on -----------------------------------------------------------------------------------------------------


@every_case
@single_and_stack
@pytest.mark.parametrize("way", ["file", "state"])
@pytest.mark.parametrize("stop", [0, 20, 31])
def test_stop_and_go_on_is_one_run(case, seed, way, stop, tmp_path):
    whole, data = case.make(seed)
    loop = whole.steps(data)
    first = gl.run(loop, 25).records
    whole.set(**case.turn)
    expected = history(first + gl.run(loop, 20).records, 45)

    model, _ = case.make(seed)
    records = gl.run(model.steps(data), min(stop, 25)).records if stop else []
    if stop > 25:
        model.set(**case.turn)
        records += gl.run(model.steps(data), stop - 25).records
    if way == "file":
        model = case.model.load(model.save(tmp_path / "model.safetensors"))
    else:
        state, (model, _) = model.state(), case.make(seed)
        model.load_state(*state)
    if stop < 25:
        records += gl.run(model.steps(data), 25 - stop).records
        model.set(**case.turn)
    records += gl.run(model.steps(data), 45 - len(records)).records
    assert history(records, 45).equals(expected) and same(model, whole)
    before = case.make(seed)[0].hp
    assert model.log == whole.log == [(25, name, getattr(before, name), new) for name, new in case.turn.items()]


@every_case
def test_a_saved_model_answers_as_before(case, tmp_path):
    model, data = case.make()
    history(model.steps(data), 3)
    loaded = case.model.load(model.save(tmp_path / "model.safetensors"))
    assert torch.equal(loaded.sample(4, seed=1), model.sample(4, seed=1)) and same(loaded, model)
    assert repr(loaded) == repr(model) and repr(model).startswith(f"{case.model.__name__}(rows of shape ")


@every_case
def test_a_state_is_a_copy_and_a_way_back(case):
    model, data = case.make()
    loop = model.steps(data)
    gl.run(loop, 10)
    kept = model.state()
    expected = history(loop, 10)
    model.set(**case.turn)
    assert history(model.load_state(*kept).steps(data), 10).equals(expected) and model.log == []
    model.load_state(*kept)
    assert history(loop, 10).equals(expected)  # the running loop goes back too


@one_a_family
@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        (dict(hidden=9), r"is \(.*8.*\) of float32, not \(.*9.*\)"),
        (dict(seed=6), "seed is 5, not 6"),
        (dict(seed=[5, 6]), r"seed is 5, not \[5, 6\]"),
    ],
)
def test_a_state_of_another_model_is_refused(case, knobs, words):
    state, (other, _) = case.make()[0].state(), case.make(**dict(seed=5) | knobs)
    before = other.state()[0]
    with pytest.raises(ValueError, match=f"(?s)another model.*{words}"):
        other.load_state(*state)
    assert all(torch.equal(before[name], tensor) for name, tensor in other.state()[0].items())


@with_labels
def test_labels_are_part_of_what_a_model_is(case):
    with pytest.raises(ValueError, match="(?s)another model.*classes is 10, not 0"):
        case.make(conditional=False)[0].load_state(*case.make()[0].state())


@one_a_family
def test_other_rows_are_refused_once_some_were_learned(case):
    model, data = case.make()
    other = dataclasses.replace(data, x=data.x.flip(0))
    model.steps(other)  # nothing learned yet: still free
    history(model.steps(data), 3)
    with pytest.raises(ValueError, match="not the rows that this model has learned from for 3 steps .fingerprint"):
        model.steps(other)
    data = dataclasses.replace(data, name="by another name")
    model.steps(data)
    data.x[0] = data.x[1]
    with pytest.raises(ValueError, match="not the rows"):
        model.steps(data)


@every_case
def test_training_leaves_the_data_alone(case):
    model, data = case.make()
    mark, x = data.fingerprint, data.x.clone()
    history(model.steps(data), 3)
    assert data.fingerprint == mark and torch.equal(data.x, x) and not data.x.requires_grad


@every_case
def test_knobs_are_read_at_every_step(case):
    model, data = case.make()
    loop = model.steps(data)
    history(loop, 3)
    before = model.state()[0]
    model.set(batch_size=7, **{name: 0.0 for name in vars(model.hp) if name in ("lr", "lr_g", "lr_d", "average")})
    assert history(loop, 3).index[-1] == 6 and model.cursor["rows"] == 3 * 32 + 3 * 7
    after = model.state()[0]
    still = [name for name in after if name.startswith(model.networks)]
    assert still and all(torch.equal(before[name], after[name]) for name in still)


# -- a stack is its members ---------------------------------------------------------------------------------------------


@every_case
def test_a_member_is_the_model_alone(case, float64):
    stack, data = case.make([4, 7], batch_size=16)
    together = gl.run(stack.steps(data), 200)
    for k, seed in enumerate([4, 7]):
        model, _ = case.make(seed, batch_size=16)
        alone = gl.run(model.steps(data), 200)
        for ours, theirs in zip(together.records, alone.records, strict=True):
            assert all(
                ours[name][k] == pytest.approx(theirs[name], rel=1e-12, abs=1e-12) for name in theirs if name != "step"
            )
        for name, tensor in model.state()[0].items():
            if not name.startswith(("rng", "scale")) and tensor.dim():
                member = stack.state()[0][name][k]
                assert (member - tensor).abs().max() <= 1e-12 * tensor.abs().max(), name


def weights(model, case):
    return list(getattr(model, case.part).parameters())


@every_case
def test_a_sick_member_leaves_the_others_untouched(case):
    (well, data), (sick, _) = case.make(SEEDS[1]), case.make(SEEDS[1])
    history(sick.steps(data), 3), history(well.steps(data), 3)
    weights(sick, case)[0].data[1] = math.nan
    expected, found = history(well.steps(data), 12), history(sick.steps(data), 12)
    for name in dict.fromkeys(name for name, _ in expected):
        assert found[name][[0, 2]].equals(expected[name][[0, 2]])
    assert found.xs(1, axis=1, level=1).isna().all(axis=0).any()
    for ours, theirs in zip(weights(sick, case), weights(well, case), strict=True):
        assert torch.equal(ours[[0, 2]], theirs[[0, 2]]) and ours[1].isnan().any()


@every_case
@single_and_stack
def test_numbers_that_are_not_finite_end_it_with_advice(case, seed):
    model, data = case.make(seed)
    loop = model.steps(data)
    history(loop, 3)
    weights(model, case)[0].data.fill_(math.nan)
    run = gl.run(loop, 20)
    assert "not finite at step 4" in run.stopped and "smaller step size (lr)" in run.stopped and len(run.records) == 1
    with pytest.raises(Stopped, match="not finite at step 5"):
        gl.run(loop, 20, strict=True)


# -- what is wrong is said ----------------------------------------------------------------------------------------------


@one_a_family
def test_bad_arguments_are_listed_at_once(case):
    with pytest.raises(
        ValueError,
        match="(?s)Params: 4 problem.*seed=-1: must be a whole number.*no labels; give y.*hiden: no such.*hidden=0: .*1 to",
    ):
        case.model(dataclasses.replace(case.data(), y=None), conditional=True, seed=-1, hiden=3, hidden=0)


@one_a_family
@pytest.mark.parametrize(
    ("seed", "words"),
    [
        (1.5, "seed=1.5: must be a whole number from 0"),
        (True, "seed=True"),
        (None, "seed=None"),
        ("12", "seed='12'"),
        (2**63, "seed=9223372036854775808"),
        ([], "seed"),
        ([1, 1], "twice"),
        ([1, -1], "seed=-1"),
        ([1, "a"], "seed='a'"),
        ([[1, 2]], "seed=.1, 2."),
        (range(1025), "too many numbers: a stack has 1 to 1024"),
        (range(10**15), "too many"),
        (itertools.count(), "too many"),
        (float("nan"), "seed=nan"),
    ],
)
def test_seeds_that_cannot_be(case, seed, words):
    with pytest.raises(ValueError, match=words):
        case.make(seed)


@one_a_family
def test_seeds_of_any_kind_of_whole_number(case):
    assert case.make(np.int64(3))[0].seed == 3
    for seeds in (np.arange(3), range(3), (s for s in range(3)), (0, 1, 2)):
        assert case.make(seeds)[0].seed == [0, 1, 2]
    assert case.make([4])[0].sample(5).shape == (1, 5, *case.data().shape)


@one_a_family
def test_changes_are_logged_once_and_checked(case):
    model, data = case.make()
    model.set(batch_size=np.int64(9))
    model.set(batch_size=9)
    history(model.steps(data, batch_size=10), 2)
    model.set(batch_size=11)
    assert model.log == [(0, "batch_size", 32, 9), (0, "batch_size", 9, 10), (2, "batch_size", 10, 11)]
    assert {type(value) for entry in model.log for value in entry[2:]} == {int}
    log = list(model.log)
    for bad in (dict(hidden=4), dict(batch_size=-1), dict(nothing=1), dict(batch_size=12, beta1=2)):
        with pytest.raises(ValueError, match="Params: 1 problem"):
            model.set(**bad)
    with pytest.raises(ValueError, match="batch_size=0"):
        model.steps(data, batch_size=0)
    assert model.log == log and model.hp.batch_size == 11  # nothing was changed by half


@one_a_family
def test_data_that_do_not_fit_the_model(case):
    with pytest.raises(ValueError, match=r"have rows of shape \(7,\); this model was made for"):
        case.make()[0].steps(Dataset(torch.zeros(4, 7)))
    with pytest.raises(ValueError, match="'own data' have no labels; give y, or leave conditional out"):
        case.model(dataclasses.replace(case.data(), y=None, name="own data"), **case.knobs | dict(conditional=True))
    with pytest.raises(ValueError, match="at most 65,536 numbers a row"):
        case.model(Dataset(torch.zeros(2, 1, 300, 300), range=(0, 1), levels=2), **case.knobs | dict(conditional=False))
    with pytest.raises(TypeError, match="x holds object values .NoneType."):
        case.model(None)


@one_a_family
@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "n=0: must be a whole number of at least 1"),
        (-1, "n=-1"),
        (1.5, "n=1.5"),
        (True, "n=True"),
        ("5", "n='5'"),
        (10**12, "n=1,000,000,000,000: at most .* samples at once"),
    ],
)
def test_numbers_of_samples_that_cannot_be(case, n, words):
    with pytest.raises(ValueError, match=words):
        case.make()[0].sample(n)


@one_a_family
def test_looks_that_cannot_be(case):
    model, _ = case.make(conditional=False)
    for seed, words in ((-1, "seed=-1: must be a whole number"), (1.5, "seed=1.5"), ("a", "seed='a'")):
        with pytest.raises(ValueError, match=words):
            model.sample(3, seed=seed)
    with pytest.raises(ValueError, match=f"y=1: this {case.model.__name__} knows no labels; make it with conditional"):
        model.sample(3, y=1)


LABELS = [
    (10, "y runs from 10 to 10: labels are whole numbers from 0 to 9"),
    (-1, "y runs from -1"),
    (1.0, "y holds float64 values"),
    ("three", "y holds <U5 values"),
    (True, "y holds bool"),
    ([1, 2], r"y has shape \(2,\): give one label for all, or one for each of the 3 rows"),
    ([], r"y has shape \(0,\)|y holds float64"),
    ([[1, 2, 3]], r"y has shape \(1, 3\)"),
]


@with_labels
@single_and_stack
def test_labels_ask_for_a_class(case, seed):
    model, data = case.make(seed)
    ones = model.sample(6, y=1, seed=1)
    assert ones.shape == (*(() if seed == 5 else (3,)), 6, *model.shape)
    assert not torch.equal(ones, model.sample(6, y=2, seed=1))
    for y in ([1] * 6, np.ones(6, dtype=np.int32), torch.ones(6, dtype=torch.uint8), np.int64(1), torch.tensor([1])):
        assert torch.equal(model.sample(6, y=y, seed=1), ones)
    mixed, rows = model.sample(6, y=[1, 2, 1, 2, 1, 2], seed=1), -1 - len(model.shape)
    assert torch.equal(mixed.movedim(rows, 0)[::2], ones.movedim(rows, 0)[::2])
    for y, words in LABELS:
        with pytest.raises(ValueError, match=words):
            model.sample(3, y=y)
    with pytest.raises(ValueError, match="have 12 labels; this model was made for 10"):
        model.steps(dataclasses.replace(data, y=data.y + 2))
    with pytest.raises(ValueError, match="have 0 labels; this model was made for 10"):
        model.steps(dataclasses.replace(data, y=None))


@every_case
@single_and_stack
def test_a_fixed_draw_and_a_free_one(case, seed):
    model, _ = case.make(seed)
    n = 20
    assert torch.equal(model.sample(n, seed=1), model.sample(n, seed=np.int64(1)))
    assert not torch.equal(model.sample(n, seed=1), model.sample(n, seed=2))
    assert not torch.equal(model.sample(n), model.sample(n))
    assert model.sample(np.int64(n)).shape == (*(() if seed == 5 else (3,)), n, *model.shape)


@every_case
def test_samples_are_in_native_values(case):
    model, data = case.make()
    x = model.sample(30)
    assert x.dtype == data.x.dtype and x.isfinite().all() and not x.requires_grad
    if data.range is not None:
        assert data.range[0] <= x.min() <= x.max() <= data.range[1]
