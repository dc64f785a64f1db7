"""What a reader asks of a lab beyond start and pause: slow motion, going back, other seeds, other rows, own code."""

import asyncio
import json
import math

import numpy as np
import pytest
import torch

import genlab as gl
from genlab.lab import frames, memory

RING = gl.datasets.ring(n=600, seed=1)
MOONS = dict(n=500, seed=2)


def ring_lab(seed=1, hidden=16, **options):
    return gl.Lab(gl.GAN(RING, hidden=hidden, seed=seed), RING, **options)


def losses(lab):
    return lab.history[["loss_d", "loss_g"]]


def frame(lab):
    return frames.unpack(lab._bench.stage.frame)


def tell(lab, **message):
    """What a browser's message does."""
    lab._bench.stage._handle_custom_msg(message, [])


def ask(lab, **question):
    tell(lab, ask=question)
    return frame(lab)


# -- layers -------------------------------------------------------------------------------------------------------------


def test_layers_are_computed_only_when_they_are_seen():
    lab = ring_lab()
    scene = frames.unpack(lab._bench.stage.scene)[0]
    assert scene["able"] == ["real", "made", "belief", "grid", "pull"]
    assert set(frame(lab)[1]) >= {"made", "belief"} and "grid" not in frame(lab)[1]
    numbers, arrays = ask(lab, layers=["pull", "grid", "made"])
    assert numbers["layers"] == ["made", "grid", "pull"] and "belief" not in arrays
    assert arrays["grid"].shape == (15, 15, 2) and arrays["pull"].shape == (100, 4)
    with pytest.raises(ValueError, match="ask for layers="):
        lab.ask(layers="grid")
    lab.ask(layers=["grid", "made", "pull"])
    before = lab._bench.screen.number
    ask(lab, layers=["nonsense"])
    assert "ask for layers=" in lab.status and lab._bench.screen.number == before
    alt = lab.snapshot().alt
    assert "Warped grid" in alt and "discriminator draws" in alt and "Map of" not in alt


def test_the_grid_is_where_the_generator_puts_codes_of_even_probability():
    lab = ring_lab()
    lab.run(steps=30)
    grid = ask(lab, layers=["grid"])[1]["grid"]
    middle = lab.model.make(torch.zeros(1, 2))[0]
    np.testing.assert_allclose(grid[7, 7], middle, atol=1e-5)
    low = math.sqrt(2) * torch.erfinv(torch.tensor(2 * 0.02 - 1.0, dtype=torch.float64)).item()
    np.testing.assert_allclose(grid[0, 14], lab.model.make([[-low, low]])[0], atol=1e-5)


@pytest.mark.parametrize("loss", list(gl.gan.LOSSES))
def test_the_pull_is_downhill_for_the_generator(loss):
    gan = gl.GAN(RING, hidden=16, loss=loss, seed=1)
    gl.run(gan.steps(RING), steps=20)
    x = RING.x[:5].double()
    pull, (_, loss_of_g) = gan.pull(x.float()), gl.gan.LOSSES[loss]
    for i in range(5):
        for axis in range(2):
            step = torch.zeros(1, 2)
            step[0, axis] = 1e-2
            up, down = (loss_of_g(gan.score(x[i : i + 1].float() + sign * step)) for sign in (1, -1))
            assert pull[i, axis].item() == pytest.approx(-(up - down).item() / 2e-2, rel=0.15, abs=2e-3)


# -- slow motion ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: (gl.GAN(RING, hidden=8, seed=1), RING),
            ["make: noise", "judge: the discriminator", "generator learns"],
        ),
        (
            lambda: (gl.VAE(RING, hidden=8, likelihood="gaussian", seed=1), RING),
            ["encode: each row", "decode: how well", "ELBO"],
        ),
        (
            lambda: (gl.Autoregressive(gl.datasets.names(), network="mlp", seed=1), gl.datasets.names()),
            ["predict: each symbol", "bits each", "would have cost less"],
        ),
    ],
)
def test_slow_motion_names_the_parts_of_a_step_and_learns_the_same(make, words):
    model, data = make()
    plain = gl.run(model.steps(data), steps=4).history
    model, data = make()
    lab = gl.Lab(model, data)
    lab.slow = True
    lab.step_once()
    assert "step 1, 1 of 3" in lab.status and words[0] in lab.status and len(lab.history) == 0
    lab.step_once()
    assert words[1] in lab.status
    lab.step_once()
    assert words[2] in lab.status
    lab.step_once()
    assert len(lab.history) == 1 and lab.status.startswith("step 1:")
    lab.step_once()  # into the second step, which is ended when slow motion is
    lab.slow = False
    assert len(lab.history) == 2
    lab.slow = True
    lab.step_once()
    lab.run(steps=1)  # ends the third, and takes one more
    assert lab.history[list(plain)].equals(plain)


def test_a_change_in_the_middle_of_a_slow_step_waits_for_its_end():
    lab = ring_lab()
    lab.slow = True
    lab.step_once(), lab.step_once()
    lab.set(lr_g=0.0)
    assert lab.log == [(1, "lr_g", 0.002, 0.0)] and len(lab.history) == 1
    lab.step_once()
    lab.step_once("d")
    assert len(lab.history) == 3 and math.isnan(lab.history["loss_g"].iloc[-1])


def test_a_player_that_rests_is_said_to_rest():
    lab = ring_lab()
    lab.set(d_every=0)
    lab.slow = True
    lab.step_once(), lab.step_once()
    assert "judge" in lab.status and "not in this step" in lab.status


# -- going back -----------------------------------------------------------------------------------------------------------


def test_going_back_is_exact_and_what_follows_is_a_branch():
    lab = ring_lab()
    lab.run(steps=30)
    lab.set(lr_g=1e-3)
    lab.step_once("d")
    lab.run(steps=60)
    whole = losses(lab)
    lab.rewind(50)
    assert lab.model.step == 50 and losses(lab).equals(whole.loc[:50])
    assert lab.log[0] == (30, "lr_g", 0.002, 0.001) and lab._bench.stage.marks[-1] == [30, "D only"]
    lab.run(steps=41)
    assert losses(lab).equals(whole)  # left alone, it learns the same again
    lab.rewind(10)
    assert lab.log == [] and lab.model.hp.lr_g == 0.002 and lab._bench.stage.marks == []
    lab.set(lr_g=0.05)
    lab.run(steps=20)
    assert losses(lab).loc[:10].equals(whole.loc[:10]) and not losses(lab).equals(whole.loc[:30])
    assert [len(branch) for branch in lab.branches] == [91, 91]
    numbers, arrays = frames.unpack(lab._bench.stage.beside)
    assert {one["name"] for one in numbers["before"]} >= {"loss_d", "loss_g"} and "before/loss_d" in arrays
    lab.rewind(30)  # to where it is: nothing is left behind
    assert len(lab.branches) == 2


@pytest.mark.parametrize("step", [-1, 6, 2.5, "3", True, None])
def test_a_step_that_was_not_learned_cannot_be_gone_back_to(step):
    lab = ring_lab()
    lab.run(steps=5)
    with pytest.raises(ValueError, match="from 0 to 5"):
        lab.rewind(step)
    assert lab.model.step == 5 and len(lab.history) == 5


def test_a_run_that_broke_can_be_taken_back_to_before():
    lab = ring_lab()
    lab.run(steps=20)
    with torch.no_grad():
        lab.model.discriminator.layers[0].weight.fill_(math.nan)
    lab.run(steps=5)
    assert lab.stopped
    lab.rewind(20)
    assert lab.stopped is None and len(lab.run(steps=5)) == 25 and np.isfinite(losses(lab)).all().all()


def test_kept_states_stay_few_and_even(monkeypatch):
    monkeypatch.setattr(memory.Memory, "SHARE", 1e9)  # as if keeping took no time
    lab = ring_lab()
    lab.run(steps=500)
    kept = sorted(lab._bench.memory.states)
    assert kept[0] == 0 and len(kept) <= 32 and len(kept) > 10
    assert max(np.diff(kept)) <= 2 * lab._bench.memory.stride
    monkeypatch.setattr(memory.Memory, "BYTES", 1)
    lab.run(steps=2 * lab._bench.memory.stride)
    assert len(lab._bench.memory.states) <= 2 and 0 in lab._bench.memory.states
    lab.rewind(7)
    assert lab.model.step == 7


# -- other knobs and rows ---------------------------------------------------------------------------------------------------


def test_restart_makes_the_model_anew_in_place():
    lab = ring_lab()
    gan = lab.model
    lab.run(steps=10)
    lab.set(lr_g=1e-3)
    lab.restart(hidden=8, latent_dim=4)
    assert lab.model is gan and gan.hp.hidden == 8 and gan.hp.lr_g == 1e-3 and (gan.step, lab.log) == (0, [])
    assert len(lab.history) == 0 and frame(lab)[0]["step"] == 0
    lab.run(steps=10)
    plain = gl.GAN(RING, hidden=8, latent_dim=4, lr_g=1e-3, seed=1)
    assert losses(lab).equals(gl.run(plain.steps(RING), steps=10).history)
    with pytest.raises(ValueError, match="hidden=0: must be from 1"):
        lab.restart(hidden=0)
    assert gan.hp.hidden == 8 and gan.step == 10


def test_a_vae_that_is_restarted_with_more_numbers_a_code_has_another_picture():
    data = gl.datasets.digits()
    lab = gl.Lab(gl.VAE(data, latent_dim=2, hidden=16, likelihood="discretised logistic", seed=1), data)
    assert frames.unpack(lab._bench.stage.scene)[0]["kind"] == "latent"
    lab.restart(latent_dim=3)
    assert frames.unpack(lab._bench.stage.scene)[0]["kind"] == "images"


def test_other_rows():
    lab = ring_lab()
    lab.run(steps=5)
    lab.use(gl.datasets.grid(n=500))
    assert lab.data.name == "grid" and lab.model.step == 0 and "of 25 modes" in lab.status
    lab.run(steps=3)
    lab.use(np.random.default_rng(0).normal(size=(50, 2)))
    assert lab.data.name == "own data"
    for bad, message in ((torch.rand(40, 3), "from points to points"), (torch.full((40, 2), math.nan), "NaN|finite")):
        with pytest.raises(ValueError, match=message):
            lab.use(bad)
    assert lab.data.name == "own data" and len(lab.run(steps=2)) == 2


def test_what_a_view_may_ask_for_instead_of_the_rows():
    lab = ring_lab()
    tell(lab, use={"shape": "grid"})
    assert lab.data.name == "grid"
    tell(lab, use={"points": [[i % 7, i % 5] for i in range(40)]})
    assert lab.data.name == "drawn by hand" and len(lab.data) == 40
    tell(lab, use={})
    assert lab.data is RING
    tell(lab, table="a,b,c\n" + "\n".join(f"{i},{i * i if i % 4 else ''},x" for i in range(40)), name="mine.csv")
    assert lab._bench.stage.columns == ["a", "b"] and "40 rows" in lab.status
    tell(lab, use={"columns": ["a", "b"]})
    assert len(lab.data) == 30 and "10" in lab.data.source
    now = lab.data
    for wish in (
        {"shape": "read"},
        {"shape": "survey"},
        {"points": [[0, 1]]},
        {"points": [[0, "x"]] * 40},
        {"points": [[0, math.inf]] * 40},
        {"columns": ["a", "zzz"]},
        {"columns": [1, 2]},
        {"shape": 3},
    ):
        tell(lab, use=wish)
        assert lab.data is now, wish
    for text in ("", "a\n1", "\x00" * 9, "a,b\n" + "x,y\n" * 3, "1" * 6_000_000):
        tell(lab, table=text, name="bad.csv")
        assert "bad.csv" in lab.status
    lab.run(steps=1)


# -- many seeds ---------------------------------------------------------------------------------------------------------------


def test_other_seeds_follow_the_same_course():
    lab = ring_lab()
    lab.run(steps=20)
    lab.set(lr_g=1e-3)
    lab.run(steps=20)
    before = losses(lab)
    many = lab.seeds(3)
    assert losses(lab).equals(before) and lab.model.step == 40
    frame = many.frame
    assert sorted(frame["seed"].unique()) == [2, 3, 4] and frame["step"].max() == 40
    alone = ring_lab(seed=3)
    alone.run(steps=20)
    alone.set(lr_g=1e-3)
    alone.run(steps=20)
    of_three = frame[frame["seed"] == 3].set_index("step")
    np.testing.assert_allclose(of_three["loss_d"], losses(alone)["loss_d"], rtol=1e-3)
    assert of_three["distance"].notna().sum() >= 10
    numbers, arrays = frames.unpack(lab._bench.stage.beside)
    assert "distance" in numbers["bands"]
    steps, least, median, most = arrays["band/loss_d"].T
    assert (least <= median).all() and (median <= most).all() and steps[-1] == 40


def test_other_seeds_in_the_live_run():
    async def script(lab):
        lab.run(steps=50)
        tell(lab, do="seeds")
        while lab.running:
            await asyncio.sleep(0.01)
        await lab._bench.live.task

    lab = ring_lab(pace=1)  # which the others need not keep
    asyncio.run(asyncio.wait_for(script(lab), 20))
    assert lab.model.step == 50 and lab._bench.stage.beside and lab._bench.crowd.done


def test_seeds_that_cannot_be_say_why():
    lab = ring_lab()
    with pytest.raises(ValueError, match="step 0: let it learn first"):
        lab.seeds()
    for seeds in (1, 65, 2.5, "3"):
        with pytest.raises(ValueError, match="from 2 to 64"):
            lab.seeds(seeds)


# -- own code -----------------------------------------------------------------------------------------------------------------


def my_loop():
    x = 4.0
    while True:
        x -= 0.2 * x
        yield {"loss": x * x}


def test_a_loop_of_ones_own_can_be_started_held_stepped_and_drawn(tmp_path):
    lab = gl.Lab(my_loop())
    lab.step_once()
    history = lab.run(steps=9)
    assert history["loss"].iloc[0] == pytest.approx(10.24) and history.index.tolist() == list(range(1, 11))
    assert frame(lab)[0]["losses"][0]["name"] == "loss" and lab.snapshot().alt and "my_loop" in repr(lab)
    cannot = lab._bench.stage.cannot
    assert set(cannot) == {"rewind", "reset", "restart", "seeds", "slow"} and "it has none" in cannot["rewind"]
    for call in (lab.reset, lambda: lab.rewind(3), lab.seeds, lambda: setattr(lab, "slow", True)):
        with pytest.raises(ValueError, match="not for this loop"):
            call()
    with pytest.raises(ValueError, match="no such knob"):
        lab.set(lr=3)
    with pytest.raises(ValueError, match="a recipe rebuilds GAN, VAE"):
        lab.recipe()
    assert lab.replay(tmp_path / "own.html").stat().st_size and lab.movie(tmp_path / "own.gif").stat().st_size

    async def script():
        lab.pace = None
        lab.start()
        while lab.model.step < 200:
            await asyncio.sleep(0.005)
        lab.pause()
        await lab._bench.live.task

    asyncio.run(asyncio.wait_for(script(), 20))
    assert len(lab.history) == lab.model.step


def test_a_mistake_in_a_loop_of_ones_own_names_its_line():
    def wrong():
        yield {"loss": 1.0}
        total = 0
        yield {"loss": 1 / total}

    lab = gl.Lab(wrong())
    with pytest.raises(ZeroDivisionError):
        lab.run(steps=5)
    assert len(lab.history) == 1

    async def script():
        lab = gl.Lab(wrong(), pace=None)
        lab.start()
        while lab.running:
            await asyncio.sleep(0.005)
        return lab.status

    status = asyncio.run(asyncio.wait_for(script(), 20))
    assert 'of wrong, `yield {"loss": 1 / total}`: ZeroDivisionError: division by zero' in status
    lab = gl.Lab(iter([{"loss": 1.0}, 3]))
    with pytest.raises(TypeError, match="must yield dicts"):
        lab.run(steps=5)
    lab = gl.Lab(iter([{"loss": 1.0}]))
    assert len(lab.run(steps=5)) == 1 and "ended by itself after step 1" in lab.stopped


def least_d(real, fake):
    return (real - 1).square().mean(-1) + fake.square().mean(-1)


def least_g(fake):
    return (fake - 1).square().mean(-1)


def test_a_loss_of_ones_own_has_everything():
    gan = gl.GAN(RING, hidden=16, seed=1)
    lab = gl.Lab(gan, RING, loss=(least_d, least_g))
    lab.run(steps=20)
    plain = gl.run(ring_lab().model.steps(RING), steps=20).history
    assert not losses(lab).equals(plain)
    first = losses(lab)
    lab.rewind(5)
    lab.run(steps=15)
    assert losses(lab).equals(first)
    again = gl.Lab.from_recipe(lab.recipe(), loss=(least_d, least_g))
    assert again.replayed == "exact" and losses(again).equals(first)


@pytest.mark.parametrize(
    ("loss", "error", "message"),
    [
        (least_d, TypeError, "two functions"),
        ((least_d,), TypeError, "two functions"),
        ((least_d, 3), TypeError, "two functions"),
        ((lambda real, fake: 3.0, least_g), TypeError, "<lambda> gave float 3.0: it must give a tensor"),
        ((least_d, lambda fake: fake), TypeError, r"shape \(128,\): one number"),
        ((least_d, lambda fake: fake.detach().mean(-1)), TypeError, "does not depend on the scores"),
        ((least_d, lambda fake: fake.mean(-1, 2, 3)), TypeError, "mean"),
    ],
)
def test_a_loss_that_cannot_be_learned_from_says_why(loss, error, message):
    with pytest.raises(error, match=message):
        gl.Lab(gl.GAN(RING, hidden=8, seed=1), RING, loss=loss).run(steps=2)


def test_only_a_gan_takes_a_loss():
    vae = gl.VAE(RING, hidden=8, likelihood="gaussian", seed=1)
    with pytest.raises(ValueError, match="only a GAN takes one"):
        gl.Lab(vae, RING, loss=(least_d, least_g))


# -- recipes --------------------------------------------------------------------------------------------------------------------


def busy_lab():
    """A lab in which much was done."""
    lab = ring_lab(pace=30)
    lab.run(steps=40)
    lab.set(lr_g=1e-3, r1=1.0)
    lab.step_once("d")
    lab.run(steps=30)
    lab.rewind(50)
    lab.set(loss="wasserstein")
    lab.run(steps=20)
    lab.set(r1=0.5)
    return lab


@pytest.mark.parametrize("family", ["gan", "vae", "autoregressive"])
def test_a_recipe_rebuilds_and_learns_the_same(family):
    if family == "gan":
        lab = busy_lab()
    else:
        data = gl.datasets.names()
        model = gl.Autoregressive(data, network="mlp", conditional=True, hidden=16, seed=3)
        if family == "vae":
            data = gl.datasets.digits()
            model = gl.VAE(data, latent_dim=2, hidden=16, likelihood="discretised logistic", seed=3)
        lab = gl.Lab(model, data)
        lab.run(steps=10)
        lab.set(lr=1e-4)
        lab.run(steps=10)
    text = lab.recipe()
    assert "\n" not in text and len(text) < 2000
    again = gl.Lab.from_recipe(text)
    assert again.replayed == "exact" and again.log == lab.log and again.pace == lab.pace
    names = [name for name in lab.history if name not in lab.scores]
    assert again.history[names].equals(lab.history[names])
    assert again.recipe() == text


def test_a_history_that_came_out_otherwise_is_said_to_differ():
    lab = ring_lab()
    lab.run(steps=160)
    recipe = json.loads(lab.recipe())
    assert recipe["digests"][4][0] == 50
    recipe["digests"][4:] = [[step, "0" * 8] for step, _ in recipe["digests"][4:]]
    assert gl.Lab.from_recipe(json.dumps(recipe)).replayed == "differs from step 41 or a later one up to 50"


def test_locked_and_hidden_knobs():
    lab = gl.Lab.from_recipe(ring_lab().recipe(lock=["lr_g"], hide=["loss", "beta1"]))
    with pytest.raises(ValueError, match="lr_g: held fast by the recipe"):
        lab.set(lr_g=0.1)
    with pytest.raises(ValueError, match="hidden"):
        ring_lab().recipe(lock=["hiden"])
    tell(lab, set={"lr_g": 0.1})
    assert "held fast" in lab.status and lab.log == []
    knobs = {knob["name"]: knob for knob in lab._bench.stage.knobs}
    assert knobs["lr_g"]["locked"] and "loss" not in knobs and "beta1" not in knobs
    lab.set(lr_d=0.1)


def test_rows_and_losses_of_ones_own_are_handed_over_and_checked():
    x = torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    lab = gl.Lab(gl.GAN(x, hidden=8, seed=1), x, loss=(least_d, least_g))
    lab.run(steps=5)
    text = lab.recipe()
    both = dict(data=x, loss=(least_d, least_g))
    assert gl.Lab.from_recipe(text, **both).replayed == "exact"
    for given, message in (
        (dict(loss=both["loss"]), "rows that do not ship"),
        (dict(data=x), "a loss that is no part of it"),
        (dict(both, data=x + 1), "are not those of the recipe"),
        (dict(both, loss=(least_d, lambda fake: -fake.mean(-1))), "own: least_d and <lambda>"),
    ):
        with pytest.raises(ValueError, match=message):
            gl.Lab.from_recipe(text, **given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.update(version=9), "version 9"),
        (lambda r: r.update(model="__import__"), "must be one of GAN"),
        (lambda r: r.update(steps=10**9), "steps=1000000000"),
        (lambda r: r.update(steps=True, seed="x"), r"2 problem\(s\)[^$]*seed is str 'x'[^$]*steps is bool True"),
        (lambda r: r["data"].update(name="read", call={"name": "x"}), "no such data set"),
        (lambda r: r["data"].update(call={"n": 10, "os": 1}), "cannot be made with"),
        (lambda r: r["data"].update(fingerprint="0"), "not those of the recipe"),
        (lambda r: r["data"].update(call={"n": {"a": 1}}), "data: must have"),
        (lambda r: r["knobs"].update(lr_g=9), "lr_g=9: must be from 0 to 1"),
        (lambda r: r.update(changes=[[5, "lr_g", 0.1], [2, "lr_g", 0.2]]), "must not go back"),
        (lambda r: r.update(changes=[[0, "lr_x", 0.1]]), "no such knob"),
        (lambda r: r.update(lock=["x"]), "no such knob"),
        (lambda r: r.pop("digests"), "digests is NoneType"),
        (lambda r: r.update(digests=[3]), "digests: each must be"),
        (lambda r: r.update(pace=float("1e999")), "not a number that a recipe may hold|Infinity"),
    ],
)
def test_a_recipe_that_was_tampered_with_says_what_is_wrong(change, message):
    lab = ring_lab()
    lab.run(steps=3)
    recipe = json.loads(lab.recipe())
    change(recipe)
    with pytest.raises(ValueError, match=message):
        gl.Lab.from_recipe(json.dumps(recipe))


@pytest.mark.parametrize("text", [None, 3, "", "x", "[]", "[" * 50_000, "{}", "x" * 200_000])
def test_what_is_no_recipe_says_so(text):
    with pytest.raises(ValueError, match="recipe"):
        gl.Lab.from_recipe(text)


# -- keeping -------------------------------------------------------------------------------------------------------------------


def test_a_movie_has_a_picture_for_each_frame_shown(tmp_path):
    from PIL import Image

    lab = ring_lab()
    for _ in range(6):
        lab.run(steps=5)
    path = lab.movie(tmp_path / "gan.gif", fps=10)
    with Image.open(path) as gif:
        assert gif.n_frames == len(lab._bench.film.shots) >= 7 and gif.info["duration"] == 100
    with pytest.raises(FileNotFoundError, match="no folder"):
        lab.movie(tmp_path / "nowhere" / "gan.gif")


def test_the_film_is_thinned_evenly_and_stays_small(monkeypatch):
    lab = ring_lab()
    film = lab._bench.film
    for step in range(1, 2000):
        film.add(step, b"x" * 1000)
    steps = [shot["step"] for shot in film.shots]
    assert len(steps) <= film.FRAMES and steps[0] == 0
    assert max(np.diff(steps[1:])) == min(np.diff(steps[1:]))
    monkeypatch.setattr(type(film), "BYTES", 10_000)
    film.add(5000, b"x" * 1000), film.add(5001, b"x" * 1000)
    for step in range(6000, 6100):
        film.add(step, b"x" * 1000)
    assert film.weight <= 10_000 and film.weight == sum(len(shot["frame"]) for shot in film.shots)


def test_a_page_holds_its_frames_its_scripts_and_nothing_that_could_break_out(tmp_path):
    data = gl.Dataset(RING.x, name="</script><b>x")
    lab = gl.Lab(gl.GAN(data, hidden=8, seed=1), data)
    lab.run(steps=50)
    text = lab.replay(tmp_path / "run.html").read_text("utf-8")
    assert (
        "</script><b>" not in text
        and text.count("</script>") == 2
        and "http://" not in text.replace("http://www.w3.org", "")
    )
    assert "default-src 'none'" in text and len(text) < 2_000_000
    film = json.loads(text.split('id="film">')[1].split("</script>")[0])
    assert len(film["shots"]) == len(lab._bench.film.shots) and film["shots"][-1]["words"] == lab.status


def test_going_back_cuts_the_film():
    lab = ring_lab()
    for _ in range(5):
        lab.run(steps=10)
    lab.rewind(25)
    assert [shot["step"] for shot in lab._bench.film.shots][-2:] == [20, 25]
