"""The GAN: what its loop does with each player, its losses and penalties, its samples and scores."""

import itertools

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
    "digits": (DIGITS, dict(hidden=8, conditional=True, r1=1.0, penalty_every=4, latent_dim=5)),
}
SEEDS = [5, [5, 9, 2]]
single_and_stack = pytest.mark.parametrize("seed", SEEDS, ids=["single", "stack"])


def make(game, seed=5, **knobs):
    data, own = GAMES[game]
    return gl.GAN(data, seed=seed, batch_size=32, **own | knobs), data


def history(loop, steps):
    return gl.run(loop, steps=steps).history


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
        (lambda g, c: g.sample(10**12), "n=1,000,000,000,000: at most 250,000,000 samples at once"),
        (lambda g, c: g.sample(3, y=1), "y=1: this GAN knows no labels; make it with conditional=True"),
        (lambda g, c: g.score(RING.x, y=1), "knows no labels"),
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
