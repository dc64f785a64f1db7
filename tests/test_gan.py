"""The GAN: same seed, same history; stop and go on bit for bit; a stack is its members; looking changes nothing."""

import itertools
import random

import numpy as np
import pytest
import torch
from torch.nn.functional import softplus

import genlab as gl
from genlab import gan as family
from genlab.datasets import Dataset
from genlab.parts import INITIALISE, MLP, Streams

RING = gl.datasets.ring(n=300, seed=1)
DIGITS = gl.datasets.digits()
GAMES = {  # data, and the knobs of a small GAN for them
    "plain": (RING, dict(hidden=8)),
    "saturating": (RING, dict(hidden=8, loss="saturating", r1=0.0, average=0.0)),
    "digits": (DIGITS, dict(hidden=8, conditional=True, r1=1.0, penalty_every=4, latent_dim=5)),
    "wasserstein": (RING, dict(hidden=8, loss="wasserstein", r1=0.0, gp=1.0, g_every=3)),
}
SEEDS = [5, [5, 9, 2]]
every_game = pytest.mark.parametrize("game", GAMES)
single_and_stack = pytest.mark.parametrize("seed", SEEDS, ids=["single", "stack"])


def make(game, seed=5, **knobs):
    data, own = GAMES[game]
    return gl.GAN(data, seed=seed, batch_size=32, **own | knobs), data


def history(loop, steps):
    return gl.run(loop, steps=steps).history


def same(one, other):
    """Whether two models are in the same state, bit for bit."""
    (tensors, rest), (others, other_rest) = one.state(), other.state()
    return rest == other_rest and all(torch.equal(tensors[name], others[name]) for name in tensors | others)


@pytest.fixture
def float64():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


# -- seeds and randomness -----------------------------------------------------------------------------------------------


@every_game
@single_and_stack
def test_same_seed_same_history(game, seed):
    histories = []
    for s in (seed, seed, 6 if seed == 5 else [6, 9, 2]):
        gan, data = make(game, s)
        histories.append(history(gan.steps(data), 12))
    assert histories[0].equals(histories[1]) and not histories[0].equals(histories[2])


def test_global_randomness_is_neither_used_nor_moved():
    def states():
        return torch.get_rng_state().tolist(), random.getstate(), str(np.random.get_state())  # noqa: NPY002

    before, histories = states(), []
    for _ in range(2):
        gan, data = make("digits")
        histories.append(history(gan.steps(data), 5))
        gan.sample(3), gan.sample(3, seed=1)
    assert states() == before
    torch.manual_seed(99)
    gan, data = make("digits")
    assert history(gan.steps(data), 5).equals(histories[0])


@every_game
@single_and_stack
def test_looking_never_changes_learning(game, seed):
    (quiet, data), (watched, _) = make(game, seed), make(game, seed)
    y = 3 if watched.classes else None
    expected, looked = history(quiet.steps(data), 15), []
    for record in itertools.islice(watched.steps(data), 15):
        looked.append(record)
        watched.sample(7), watched.sample(7, seed=1, averaged=False), watched.sample(1, y=y)
        watched.score(data.x[:5], y=y), watched.state(), repr(watched)
    assert history(looked, 15).equals(expected) and same(quiet, watched)


@every_game
@single_and_stack
def test_stages_are_the_same_arithmetic(game, seed):
    (plain, data), (slow, _) = make(game, seed), make(game, seed)
    records = list(itertools.islice(slow.steps(data, stages=True), 4 * 12))
    assert [r.get("stage") for r in records[:4]] == ["make", "judge", "improve", None]
    assert all(r["step"] == i // 4 + 1 for i, r in enumerate(records))
    assert history(records[3::4], 12).equals(history(plain.steps(data), 12)) and same(plain, slow)
    assert history(slow.steps(data, stages=True), 5).equals(history(plain.steps(data), 5))  # run counts whole steps


# -- stop and go on -----------------------------------------------------------------------------------------------------


def changes(gan):
    """Knobs turned in the middle, among them the batch size."""
    gan.set(lr_g=1e-3, batch_size=50, r1=0.5)


@every_game
@single_and_stack
@pytest.mark.parametrize("way", ["file", "state"])
@pytest.mark.parametrize("stop", [0, 20, 31])
def test_stop_and_go_on_is_one_run(game, seed, way, stop, tmp_path):
    whole, data = make(game, seed)
    loop = whole.steps(data)
    first = gl.run(loop, 25).records
    changes(whole)
    expected = history(first + gl.run(loop, 20).records, 45)

    gan, _ = make(game, seed)
    records = gl.run(gan.steps(data), min(stop, 25)).records if stop else []
    if stop > 25:
        changes(gan)
        records += gl.run(gan.steps(data), stop - 25).records
    if way == "file":
        gan = gl.GAN.load(gan.save(tmp_path / "gan.safetensors"))
    else:
        state, (gan, _) = gan.state(), make(game, seed)
        gan.load_state(*state)
    if stop < 25:
        records += gl.run(gan.steps(data), 25 - stop).records
        changes(gan)
    records += gl.run(gan.steps(data), 45 - len(records)).records
    assert history(records, 45).equals(expected) and same(gan, whole)
    assert gan.log == whole.log and gan.log[0] == (25, "lr_g", 2e-3, 1e-3)


def test_a_state_is_a_copy_and_a_way_back():
    gan, data = make("digits")
    loop = gan.steps(data)
    gl.run(loop, 10)
    kept = gan.state()
    expected = history(loop, 10)
    gan.set(lr_d=0.1)
    assert history(gan.load_state(*kept).steps(data), 10).equals(expected) and gan.log == []
    gan.load_state(*kept)
    assert history(loop, 10).equals(expected)  # the running loop goes back too


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        (dict(hidden=9), r"generator/layers.0.weight is \(15, 8\) of float32, not \(15, 9\)"),
        (dict(seed=6), "seed is 5, not 6"),
        (dict(seed=[5, 6]), r"seed is 5, not \[5, 6\]"),
        (dict(conditional=False), "classes is 10, not 0"),
    ],
)
def test_a_state_of_another_model_is_refused(knobs, words):
    state, (other, _) = make("digits")[0].state(), make("digits", **dict(seed=5) | knobs)
    before = other.state()[0]
    with pytest.raises(ValueError, match=f"(?s)another model.*{words}"):
        other.load_state(*state)
    assert all(torch.equal(before[name], tensor) for name, tensor in other.state()[0].items())


def test_other_rows_are_refused_once_some_were_learned():
    gan, data = make("plain")
    other = gl.datasets.ring(n=300, seed=2)
    gan.steps(other)  # nothing learned yet: still free
    history(gan.steps(data), 3)
    with pytest.raises(ValueError, match="not the rows that this model has learned from for 3 steps .fingerprint"):
        gan.steps(other)
    gan.steps(Dataset(data.x))  # the same rows by another name
    data = Dataset(data.x)
    data.x[0] += 1
    with pytest.raises(ValueError, match="not the rows"):
        gan.steps(data)


def test_training_leaves_the_data_alone():
    for game in GAMES:
        gan, data = make(game)
        mark, x = data.fingerprint, data.x.clone()
        history(gan.steps(data), 3)
        assert data.fingerprint == mark and torch.equal(data.x, x) and not data.x.requires_grad


# -- a stack is its members ---------------------------------------------------------------------------------------------

LONG = {
    "r1": ("plain", dict(r1=0.3)),
    "lazy r1, labels": ("digits", {}),
    "gp, g_every": ("wasserstein", dict(gp=0.5)),
}


@pytest.mark.parametrize("case", LONG)
def test_a_member_is_the_model_alone(case, float64):
    game, knobs = LONG[case]
    data = gl.datasets.digits() if game == "digits" else gl.datasets.ring(n=300)
    knobs = GAMES[game][1] | knobs | dict(batch_size=16)
    stack = gl.GAN(data, seed=[4, 7], **knobs)
    together = gl.run(stack.steps(data), 400)
    for k, seed in enumerate([4, 7]):
        gan = gl.GAN(data, seed=seed, **knobs)
        alone = gl.run(gan.steps(data), 400)
        for ours, theirs in zip(together.records, alone.records, strict=True):
            assert all(
                ours[name][k] == pytest.approx(theirs[name], rel=1e-12, abs=1e-12) for name in theirs if name != "step"
            )
        for name, tensor in gan.state()[0].items():
            if not name.startswith(("rng", "scale")) and tensor.dim():
                member = stack.state()[0][name][k]
                assert (member - tensor).abs().max() <= 1e-12 * tensor.abs().max(), name


@every_game
def test_a_sick_member_leaves_the_others_untouched(game):
    (well, data), (sick, _) = make(game, SEEDS[1]), make(game, SEEDS[1])
    history(sick.steps(data), 3), history(well.steps(data), 3)
    sick.generator.layers[0].weight.data[1] = float("nan")
    expected, found = history(well.steps(data), 12), history(sick.steps(data), 12)
    for name in ("loss_d", "loss_g"):
        assert found[name][[0, 2]].equals(expected[name][[0, 2]])
    assert found["loss_d"][1].isna().all()
    for ours, theirs in zip(sick.generator.parameters(), well.generator.parameters(), strict=True):
        assert torch.equal(ours[[0, 2]], theirs[[0, 2]]) and ours[1].isnan().any()


# -- what the loop does -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("knobs", "still", "moving"),
    [(dict(d_every=0), "discriminator", "generator"), (dict(g_every=0), "generator", "discriminator")],
)
def test_a_player_that_never_moves(knobs, still, moving):
    gan, data = make("plain", **knobs)
    before = {part: [p.clone() for p in getattr(gan, part).parameters()] for part in (still, moving, "average")}
    run = gl.run(gan.steps(data), 5)
    assert set(run.history) == {"loss_" + moving[0]}
    after = {part: list(getattr(gan, part).parameters()) for part in before}
    unmoved = {part: all(map(torch.equal, before[part], after[part])) for part in before}
    assert unmoved == {still: True, moving: False, "average": still == "generator"}


def test_every_so_many_steps_is_by_the_step_number():
    gan, data = make("plain", g_every=3, d_every=2)
    found = history(gan.steps(data), 12)
    assert list(found.index[found.loss_g.notna()]) == [3, 6, 9, 12]
    assert list(found.index[found.loss_d.notna()]) == [2, 4, 6, 8, 10, 12]


def test_lazy_penalties_are_as_much_larger_as_they_are_rarer():
    def gradients(steps, **knobs):
        gan, data = make("plain", lr_g=0.0, lr_d=0.0, **knobs)  # nothing moves
        gl.run(gan.steps(data), steps)
        return torch.cat([p.grad.flatten() for p in gan.discriminator.parameters()])

    for steps in (3, 4):
        none, always = gradients(steps, r1=0.0), gradients(steps, r1=2.0)
        lazy = gradients(steps, r1=2.0, penalty_every=4)
        assert not torch.allclose(always, none)
        torch.testing.assert_close(lazy - none, (always - none) * (4 if steps == 4 else 0), rtol=1e-3, atol=1e-6)


def test_the_recorded_loss_is_without_the_penalty():
    histories = [history(make("plain", lr_g=0.0, lr_d=0.0, r1=r1)[0].steps(RING), 4).loss_d for r1 in (0.0, 2.0)]
    assert histories[0].equals(histories[1])


def test_knobs_are_read_at_every_step():
    gan, data = make("plain")
    loop = gan.steps(data)
    history(loop, 3)
    weights = [p.clone() for p in (*gan.generator.parameters(), *gan.discriminator.parameters())]
    gan.set(lr_g=0.0, lr_d=0.0)
    history(loop, 3)
    assert all(map(torch.equal, weights, (*gan.generator.parameters(), *gan.discriminator.parameters())))
    gan.set(lr_g=1e-3, batch_size=7)
    assert history(loop, 3).index[-1] == 9 and gan.cursor["rows"] == 6 * 32 + 3 * 7


def test_scores_are_the_discriminators_of_native_rows():
    gan, data = make("digits")
    expected = gan.discriminator((data.x[:5] - 8) / 8, data.y[:5])  # 0..16 becomes -1..1
    assert torch.equal(gan.score(data.x[:5].double(), y=data.y[:5]), expected.detach())


def test_losses_are_what_their_formulas_say():
    real, fake = torch.tensor([2.0, -1.0]), torch.tensor([0.5, -3.0])
    belief_real, belief_fake = real.sigmoid(), fake.sigmoid()
    entropy = -belief_real.log().mean() - (1 - belief_fake).log().mean()
    expected = {
        "nonsaturating": (entropy, -belief_fake.log().mean()),
        "saturating": (entropy, (1 - belief_fake).log().mean()),
        "wasserstein": (fake.mean() - real.mean(), -fake.mean()),
    }
    for name, (of_d, of_g) in expected.items():
        loss_of_d, loss_of_g = family.LOSSES[name]
        assert torch.allclose(loss_of_d(real, fake), of_d) and torch.allclose(loss_of_g(fake), of_g)
        stacked = loss_of_d(torch.stack([real, fake]), torch.stack([fake, real]))
        assert stacked.shape == (2,) and torch.allclose(stacked[0], of_d)
    extreme = torch.tensor([1e4, -1e4])
    assert all(
        loss_of_g(extreme).isfinite() and loss_of_d(extreme, extreme).isfinite()
        for loss_of_d, loss_of_g in family.LOSSES.values()
    )


def test_penalties_on_a_linear_discriminator_are_known():
    x = torch.randn(6, 2, generator=torch.Generator().manual_seed(1))
    weight = torch.tensor([3.0, 4.0])  # a slope of length 5 everywhere

    def discriminator(x, y):
        return x @ weight

    hp = gl.GANParams(r1=2.0, gp=0.0)
    real = x.clone().requires_grad_()
    rng = Streams(1, INITIALISE)
    assert family.penalty(discriminator, real, discriminator(real, None), x, None, hp, rng).item() == pytest.approx(25)
    hp = gl.GANParams(r1=0.0, gp=2.0)
    assert family.penalty(discriminator, real, discriminator(real, None), x, None, hp, rng).item() == pytest.approx(32)


@single_and_stack
def test_the_slope_is_the_derivative(seed, float64):
    network = MLP(3, 6, (), 0, Streams(seed, INITIALISE))
    x = Streams(seed, 7).normal(4, 3).requires_grad_()
    found, h = family.slope(network(x), x), 1e-6
    steps = [torch.eye(3)[i] * h for i in range(3)]
    numeric = sum(((network(x + step) - network(x - step)) / (2 * h)).square() for step in steps)
    assert found.shape == x.shape[:-1] and torch.allclose(found, numeric, rtol=1e-6)


def test_a_loss_of_your_own(monkeypatch):
    squares = (
        lambda real, fake: (real - 1).square().mean(-1) + fake.square().mean(-1),
        lambda fake: (fake - 1).square().mean(-1),
    )
    with pytest.raises(ValueError, match="loss='squares': must be one of 'nonsaturating', 'saturating', 'wasserstein'"):
        make("plain", loss="squares")
    monkeypatch.setitem(family.LOSSES, "squares", squares)
    gan, data = make("plain", loss="squares")
    assert history(gan.steps(data), 20).notna().all(axis=None)


def test_a_head_start_shows_in_the_losses():
    gan, data = make("plain", seed=3, g_every=0, lr_d=1e-2)
    found = history(gan.steps(data), 300)
    assert found.loss_d.iloc[-1] < found.loss_d.iloc[0] < 2 * softplus(torch.tensor(1.0))
    score = gan.score(data.x).mean() - gan.score(gan.sample(300)).mean()
    assert score > 1  # it tells real rows from made ones


def test_the_ring_is_learned():
    data = gl.datasets.ring(n=2000)
    gan = gl.GAN(data, seed=1)
    before = torch.cdist(gan.sample(500, seed=1), data.modes).amin(1).median()
    history(gan.steps(data), 1000)
    after = torch.cdist(gan.sample(500, seed=1), data.modes).amin(1).median()
    assert after < before / 5


# -- knobs --------------------------------------------------------------------------------------------------------------


def test_bad_arguments_are_listed_at_once():
    with pytest.raises(
        ValueError, match="(?s)GANParams: 5 problem.*seed=-1.*no labels.*hiden: no such.*lr_g=5: .*0 to 1.*loss="
    ):
        gl.GAN(RING, conditional=True, seed=-1, hiden=3, lr_g=5, loss="hinge")


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
def test_seeds_that_cannot_be(seed, words):
    with pytest.raises(ValueError, match=words):
        gl.GAN(RING, seed=seed)


def test_seeds_of_any_kind_of_whole_number():
    assert gl.GAN(RING, seed=np.int64(3)).seed == 3
    for seeds in (np.arange(3), range(3), (s for s in range(3)), (0, 1, 2)):
        assert gl.GAN(RING, seed=seeds, hidden=2).seed == [0, 1, 2]
    assert gl.GAN(RING, seed=[4], hidden=2).sample(5).shape == (1, 5, 2)


def test_changes_are_logged_once_and_checked():
    gan, data = make("plain")
    gan.set(lr_g=np.float32(0.5), lr_d=2e-3, batch_size=np.int64(9))
    history(gan.steps(data, r1=0.0), 2)
    gan.set(r1=1)
    assert gan.log == [(0, "lr_g", 2e-3, 0.5), (0, "batch_size", 32, 9), (0, "r1", 0.2, 0.0), (2, "r1", 0.0, 1.0)]
    assert {type(value) for entry in gan.log for value in entry[2:]} == {int, float}
    log = list(gan.log)
    for bad in (dict(hidden=4), dict(lr_g=-1), dict(nothing=1), dict(lr_g=0.1, lr_d=2)):
        with pytest.raises(ValueError, match="GANParams: 1 problem"):
            gan.set(**bad)
    with pytest.raises(ValueError, match="lr_g=9"):
        gan.steps(data, lr_g=9)
    assert gan.log == log and gan.hp.lr_g == 0.5  # nothing was changed by half


# -- data that do not fit -----------------------------------------------------------------------------------------------


def test_data_that_do_not_fit_the_model():
    with pytest.raises(ValueError, match="'ring' have no labels; give y, or leave conditional out"):
        gl.GAN(RING, conditional=True)
    with pytest.raises(ValueError, match=r"rows of shape \(1, 8, 8\); this model was made for \(2,\)"):
        gl.GAN(RING).steps(DIGITS)
    with pytest.raises(ValueError, match="have 0 labels; this model was made for 10"):
        gl.GAN(DIGITS, conditional=True).steps(Dataset(DIGITS.x, range=(0, 16)))
    with pytest.raises(ValueError, match="have 12 labels; this model was made for 10"):
        gl.GAN(DIGITS, conditional=True).steps(Dataset(DIGITS.x, DIGITS.y + 2, range=(0, 16)))
    with pytest.raises(ValueError, match="at most 65,536 numbers a row"):
        gl.GAN(Dataset(torch.zeros(2, 1, 300, 300), range=(0, 1)))
    with pytest.raises(ValueError, match="images of unknown range"):
        gl.GAN(np.zeros((5, 1, 8, 8)))
    with pytest.raises(TypeError, match="x holds object values .NoneType."):
        gl.GAN(None)


@pytest.mark.parametrize(
    "rows", [np.ones((50, 3)), [[0, 1], [1, 0]], np.tile([1e17, 0], (9, 1)), [[1e-20, 5], [3e-20, 5]]]
)
def test_odd_but_sound_rows_are_learned(rows):
    gan = gl.GAN(rows, hidden=4, batch_size=16)
    run = gl.run(gan.steps(rows), 20, strict=True)
    assert len(run.history) == 20 and gan.sample(5).isfinite().all()


# -- samples and scores -------------------------------------------------------------------------------------------------


def test_samples_are_in_native_values():
    gan, data = make("digits")
    x = gan.sample(20)
    assert x.shape == (20, 1, 8, 8) and x.min() >= 0 and x.max() <= 16 and not x.requires_grad
    points = gl.GAN(Dataset(RING.x * 100 + 1000)).sample(500)
    assert (points.mean(0) - 1000).abs().max() < 200


@single_and_stack
def test_a_fixed_draw_and_a_free_one(seed):
    gan, _ = make("plain", seed)
    assert torch.equal(gan.sample(5, seed=1), gan.sample(5, seed=np.int64(1)))
    assert not torch.equal(gan.sample(5, seed=1), gan.sample(5, seed=2))
    assert not torch.equal(gan.sample(5), gan.sample(5))
    assert gan.sample(np.int64(5)).shape == ((5, 2) if seed == 5 else (3, 5, 2))


@single_and_stack
def test_labels_ask_for_a_class(seed):
    gan, _ = make("digits", seed)
    lead, fixed = () if seed == 5 else (3,), dict(seed=1)
    ones = gan.sample(6, y=1, **fixed)
    assert ones.shape == (*lead, 6, 1, 8, 8) and not torch.equal(ones, gan.sample(6, y=2, **fixed))
    for y in ([1] * 6, np.ones(6, dtype=np.int32), torch.ones(6, dtype=torch.uint8), np.int64(1), torch.tensor([1])):
        assert torch.equal(gan.sample(6, y=y, **fixed), ones)
    mixed = gan.sample(6, y=[1, 2, 1, 2, 1, 2], **fixed)
    assert torch.equal(mixed[..., ::2, :, :, :], ones[..., ::2, :, :, :])
    assert gan.score(DIGITS.x[:6], y=DIGITS.y[:6]).shape == (*lead, 6) == gan.score(DIGITS.x[:6], y=3).shape
    assert gan.make(torch.zeros(4, 5), y=2).shape == (*lead, 4, 1, 8, 8)


def test_the_average_is_what_samples_are_made_by():
    gan, data = make("plain", average=0.9)
    history(gan.steps(data), 20)
    assert not torch.equal(gan.sample(5, seed=1), gan.sample(5, seed=1, averaged=False))
    without, data = make("plain", average=0.0)
    history(without.steps(data), 20)
    assert torch.equal(without.sample(5, seed=1), without.sample(5, seed=1, averaged=False))


@single_and_stack
def test_the_average_follows_the_generator_by_its_formula(seed):
    gan, data = make("plain", seed, average=0.5)
    expected = [p.clone() for p in gan.average.parameters()]
    for record in itertools.islice(gan.steps(data), 15):
        memory = min(0.5, record["step"] / (record["step"] + 10))
        expected = [memory * e + (1 - memory) * p for e, p in zip(expected, gan.generator.parameters(), strict=True)]
    for ours, theirs in zip(gan.average.parameters(), expected, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)


def test_a_stack_scores_the_same_rows_or_each_its_own():
    gan, data = make("plain", SEEDS[1])
    same_rows = gan.score(data.x[:4])
    assert same_rows.shape == (3, 4) and torch.equal(gan.score(data.x[:4].expand(3, -1, -1)), same_rows)
    assert gan.score(data.x[:4].tolist()).equal(same_rows)
    single, _ = make("plain", 9)
    assert torch.allclose(single.score(data.x[:4]), same_rows[1], atol=1e-6)


@pytest.mark.parametrize(
    ("look", "words"),
    [
        (lambda g, c: g.sample(0), "n=0: must be a whole number of at least 1"),
        (lambda g, c: g.sample(-1), "n=-1"),
        (lambda g, c: g.sample(1.5), "n=1.5"),
        (lambda g, c: g.sample(True), "n=True"),
        (lambda g, c: g.sample("5"), "n='5'"),
        (lambda g, c: g.sample(10**12), "n=1,000,000,000,000: at most 250,000,000 samples at once"),
        (lambda g, c: g.sample(3, seed=-1), "seed=-1: must be a whole number"),
        (lambda g, c: g.sample(3, seed=1.5), "seed=1.5"),
        (lambda g, c: g.sample(3, seed="a"), "seed='a'"),
        (lambda g, c: g.sample(3, y=1), "y=1: this GAN knows no labels; make it with conditional=True"),
        (lambda g, c: g.score(RING.x, y=1), "knows no labels"),
        (lambda g, c: c.sample(3, y=10), "y runs from 10 to 10: labels are whole numbers from 0 to 9"),
        (lambda g, c: c.sample(3, y=-1), "y runs from -1"),
        (lambda g, c: c.sample(3, y=1.0), "y holds float64 values"),
        (lambda g, c: c.sample(3, y="three"), "y holds <U5 values"),
        (lambda g, c: c.sample(3, y=True), "y holds bool"),
        (
            lambda g, c: c.sample(3, y=[1, 2]),
            r"y has shape \(2,\): give one label for all, or one for each of the 3 rows",
        ),
        (lambda g, c: c.sample(3, y=[]), r"y has shape \(0,\)|y holds float64"),
        (lambda g, c: c.sample(3, y=[[1, 2, 3]]), r"y has shape \(1, 3\)"),
        (lambda g, c: c.score(DIGITS.x[:3]), "y is missing: this GAN is conditional"),
        (lambda g, c: c.make(torch.zeros(3, 5)), "y is missing"),
        (lambda g, c: g.score(torch.zeros(3, 3)), r"x has shape \(3, 3\): this model takes \(n, 2\)"),
        (lambda g, c: g.score([1.0, 2.0]), r"x has shape \(2,\)"),
        (lambda g, c: g.score(3.0), r"x has shape \(\)"),
        (lambda g, c: c.score(torch.zeros(3, 64), y=1), r"x has shape \(3, 64\): this model takes \(n, 1, 8, 8\)"),
        (lambda g, c: g.make(torch.zeros(3, 5)), r"z has shape \(3, 5\): this model takes \(n, 2\)"),
    ],
)
def test_looks_that_cannot_be(look, words):
    with pytest.raises(ValueError, match=words):
        look(make("plain")[0], make("digits")[0])


def test_a_stack_says_which_shapes_it_takes():
    gan, data = make("plain", SEEDS[1])
    with pytest.raises(ValueError, match=r"\(2, 4, 2\): this model takes \(n, 2\), or \(3, n, ...\) for a stack"):
        gan.score(torch.zeros(2, 4, 2))


def test_it_says_what_it_is():
    assert repr(gl.GAN(RING, seed=4)) == "GAN(rows of shape (2,), seed=4, step 0)"
    assert repr(gl.GAN(RING, seed=range(64), hidden=2)) == "GAN(rows of shape (2,), a stack of 64 seeds, step 0)"
