"""The lab without a browser: what its methods do, what it sends, and that looking never changes learning."""

import asyncio
import dataclasses
import math
import signal
import threading
import time

import numpy as np
import pytest
import torch

import genlab as gl
from genlab import training
from genlab.lab import book, frames, knobs

RING = gl.datasets.ring(n=600, seed=1)


def ring_lab(seed=1, hidden=16, **options):
    return gl.Lab(gl.GAN(RING, hidden=hidden, seed=seed), RING, **options)


def digits_gan(**options):
    return gl.GAN(gl.datasets.digits(), **gl.gan.RECIPES["digits"] | dict(hidden=32), seed=1, **options)


def losses(history):
    return history[["loss_d", "loss_g"]]


def frame(lab):
    return frames.unpack(lab._bench.stage.frame)


def tell(lab, **message):
    """What a browser's message does."""
    lab._bench.stage._handle_custom_msg(message, [])


# -- without a browser ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [lambda: (gl.GAN(RING, hidden=16, seed=1), RING), lambda: (digits_gan(), gl.datasets.digits()),
                                  lambda: (digits_gan(conditional=True), gl.datasets.digits())])  # fmt: skip
def test_looking_never_changes_learning(make):
    gan, data = make()
    plain = gl.run(gan.steps(data), steps=40).history
    gan, data = make()
    lab = gl.Lab(gan, data)
    lab.run(15)
    lab.snapshot()
    lab.step_once()
    lab._repr_mimebundle_()
    history = lab.run(steps=24)
    assert losses(history).equals(plain)
    assert history.index.tolist() == list(range(1, 41))


def test_history_has_scores_where_they_were_taken():
    history = ring_lab().run(steps=30)
    assert {"distance", "modes"} <= set(history.columns)
    assert history["distance"].notna().sum() >= 1 and not math.isnan(history["distance"].iloc[-1])
    assert "distance" not in ring_lab(metrics=None).run(steps=3).columns
    mine = ring_lab(metrics=lambda x, data: {"far": x.abs().max().item()}).run(steps=3)
    assert mine["far"].notna().any()


def test_a_change_is_logged_marked_and_used_from_the_next_step_on():
    lab = ring_lab()
    lab.run(steps=5)
    lab.set(lr_g=0.0)
    before = [p.clone() for p in lab.model.generator.parameters()]
    lab.run(steps=3)
    assert all(map(torch.equal, before, lab.model.generator.parameters()))
    assert lab.log == [(5, "lr_g", 0.002, 0.0)]
    assert lab._bench.stage.marks == [[5, "lr_g 0.002 → 0"]]
    lab.set(lr_g=0.5), lab.set(lr_g=0.1)
    assert lab._bench.stage.marks[1:] == [[8, "lr_g 0 → 0.1"]]  # two at one step are one mark, but two entries
    assert lab.log[1:] == [(8, "lr_g", 0.0, 0.5), (8, "lr_g", 0.5, 0.1)]


@pytest.mark.parametrize(
    ("player", "still", "moves"), [("d", "generator", "discriminator"), ("g", "discriminator", "generator")]
)
def test_one_player_alone(player, still, moves):
    lab = ring_lab()
    lab.run(steps=2)
    weights = {name: [p.clone() for p in getattr(lab.model, name).parameters()] for name in (still, moves)}
    lab.step_once(player), lab.step_once(player)
    assert all(map(torch.equal, weights[still], getattr(lab.model, still).parameters()))
    assert not any(map(torch.equal, weights[moves], getattr(lab.model, moves).parameters()))
    assert (lab.model.hp.d_every, lab.model.hp.g_every) == (1, 1) and lab.model.step == 4
    assert lab._bench.stage.marks == [[2, f"{player.upper()} only"]]  # one mark for a row of them
    column = {"d": "loss_g", "g": "loss_d"}[player]
    assert lab.history[column].isna().tolist() == [False, False, True, True]


def test_reset_begins_anew_with_the_present_knobs():
    lab = ring_lab()
    lab.set(lr_d=0.001)
    first = losses(lab.run(steps=12))
    lab.reset()
    assert lab.model.step == 0 and len(lab.history) == 0 and frame(lab)[0]["step"] == 0
    assert lab.log == [(0, "lr_d", 0.002, 0.001)] and lab._bench.stage.marks == [[0, "lr_d 0.002 → 0.001"]]
    assert losses(lab.run(steps=12)).equals(first)


def test_a_model_that_has_learned_goes_on_and_is_reset_to_where_the_lab_got_it():
    gan = gl.GAN(RING, hidden=16, seed=1)
    gl.run(gan.steps(RING), steps=10)
    lab = gl.Lab(gan, RING)
    assert lab.run(steps=5).index.tolist() == [11, 12, 13, 14, 15]
    lab.reset()
    assert gan.step == 10


def test_numbers_that_are_no_longer_finite_end_the_run_and_keep_the_history():
    lab = ring_lab()
    lab.run(steps=5)
    with torch.no_grad():
        lab.model.discriminator.layers[0].weight.fill_(math.nan)
    history = lab.run(steps=50)
    assert len(history) == 6 and "not finite at step 6" in lab.stopped and "not finite" in lab.status
    with pytest.raises(training.Stopped, match="not finite at step 7"):
        lab.run(steps=5, strict=True)
    lab.reset()
    assert lab.stopped is None and len(lab.run(steps=5)) == 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda lab: lab.run(steps=0), "steps=0: must be a whole number of at least 1"),
        (lambda lab: lab.run(steps=2.5), "steps=2.5"),
        (lambda lab: lab.set(lr=1), "lr: no such knob; there are .*lr_g"),
        (lambda lab: lab.set(lr_g=7, lr_d=-1), r"2 problem\(s\)[^$]*lr_g=7: must be from 0 to 1[^$]*lr_d=-1"),
        (lambda lab: lab.set(hidden=3), "hidden: needs a new model"),
        (lambda lab: lab.step_once("x"), "player='x': must be one of .*'d', 'g'"),
        (lambda lab: setattr(lab, "pace", 0), "pace=0: must be a number of steps a second above 0, or None"),
        (lambda lab: setattr(lab, "pace", "fast"), "pace='fast'"),
        (lambda lab: setattr(lab, "pace", math.nan), "pace=nan"),
        (lambda lab: lab.start(), "needs a notebook's kernel, and here is none: call lab.run"),
    ],
)
def test_bad_requests_say_what_is_wrong_and_change_nothing(call, message):
    lab = ring_lab()
    with pytest.raises((ValueError, RuntimeError), match=message):
        call(lab)
    assert (lab.log, lab.model.step, lab.pace, lab.running) == ([], 0, 100, False)
    lab.run(steps=1)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: gl.Lab(lambda: iter([{"loss": 1}])),
            TypeError,
            "cannot be stepped through: call it first",
        ),
        (lambda: gl.Lab(gl.GAN, RING), TypeError, r"is a class. make the model first: GAN\(data\)"),
        (lambda: gl.Lab(gl.GAN(RING, seed=range(3)), RING), ValueError, "stack of 3 models, and a lab shows one"),
        (
            lambda: gl.Lab(gl.GAN(RING), gl.datasets.digits()),
            ValueError,
            r"rows of shape \(1, 8, 8\); this model was made for",
        ),
        (
            lambda: gl.Lab(gl.GAN(torch.rand(50, 1)), torch.rand(50, 1)),
            ValueError,
            r"rows of shape \(1,\): a lab draws points",
        ),
        (lambda: ring_lab(pace=-1), ValueError, "pace=-1"),
        (lambda: ring_lab(fps=60), ValueError, "fps=60: must be from 1 to 30"),
        (
            lambda: ring_lab(knobs=["lr_x", "hidden"]),
            ValueError,
            "'lr_x': no such knob; there are hidden, .*lr_g",
        ),
        (lambda: ring_lab(metrics=3), TypeError, "metrics=int 3: must be a function"),
        (lambda: ring_lab(metrics=lambda x, data: {"a": "b"}), TypeError, "metrics gave a='b': each must be a number"),
    ],
)
def test_a_lab_that_cannot_be_says_why(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("shape", [(60, 3), (60, 1, 5, 7), (60, 3, 4, 4)])
def test_other_shapes_have_a_picture_too(shape):
    data = gl.Dataset(
        torch.rand(shape, generator=torch.Generator().manual_seed(0)), range=(0, 1) if len(shape) == 4 else None
    )
    lab = gl.Lab(gl.GAN(data, hidden=8), data)
    lab.run(steps=2)
    numbers, arrays = frame(lab)
    assert numbers["step"] == 2 and np.isfinite(arrays["made"]).all() and lab.snapshot().alt


# -- what is sent -------------------------------------------------------------------------------------------------------


def test_a_frame_holds_what_is_to_be_drawn_and_is_small():
    lab = ring_lab(pace=None)
    lab.run(steps=700)
    numbers, arrays = frame(lab)
    made = lab.model.sample(5)
    assert (
        arrays["made"].shape == (300, 2) and arrays["belief"].shape == (36, 36) and arrays["belief"].dtype == np.uint8
    )
    assert np.abs(arrays["made"]).max() < 10 * made.abs().max()
    assert [loss["label"] for loss in numbers["losses"]] == ["discriminator", "generator"]
    assert numbers["scores"][0]["name"] == "distance" and numbers["scores"][0]["floor"] > 0
    width = numbers["losses"][0]["width"]
    mean = lab.history["loss_d"].to_numpy()[: width * 10].reshape(10, width).mean(1)
    np.testing.assert_allclose(arrays["loss_d"][:10], mean, rtol=1e-5)
    assert len(lab._bench.stage.frame) < 10_000
    scene, still = frames.unpack(lab._bench.stage.scene)
    assert scene["kind"] == "points" and still["real"].shape == (300, 2)


def test_the_map_is_the_discriminators_belief():
    lab = ring_lab()
    lab.run(steps=50)
    left, right, low, high = frames.unpack(lab._bench.stage.scene)[0]["bounds"]
    belief, side = frame(lab)[1]["belief"], 36
    for row, column in [(0, 0), (5, 20), (35, 10)]:
        place = [left + (column + 0.5) / side * (right - left), high - (row + 0.5) / side * (high - low)]
        assert belief[row, column] == pytest.approx(255 * torch.sigmoid(lab.model.score([place])).item(), abs=0.51)


def test_images_are_sent_as_brightness_beside_real_ones_of_the_same_label():
    data = gl.datasets.digits()
    lab = gl.Lab(digits_gan(conditional=True), data)
    scene, still = frames.unpack(lab._bench.stage.scene)
    assert scene["labels"] == list("0123456789") and still["real"].shape == (20, 8, 8, 1)
    images = (data.x * 255 / 16).round().byte().reshape(-1, 64).numpy()
    for i, image in enumerate(still["real"].reshape(20, 64)):
        assert data.y[(images == image).all(1)].tolist().count(i % 10)
    assert frame(lab)[1]["made"].shape == (60, 8, 8, 1)


def test_frames_come_back_as_they_were_and_unknown_versions_are_refused():
    arrays = dict(a=np.arange(5, dtype=np.uint8), b=np.ones((2, 3), np.float32), c=np.zeros((0, 2), np.float32))
    buffer = frames.pack(dict(step=3, words="ä"), arrays)
    numbers, back = frames.unpack(buffer)
    assert numbers == dict(step=3, words="ä") and len(buffer) % 4 == 0
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
    with pytest.raises(ValueError, match="version 9, this genlab reads 1"):
        frames.unpack(b"\x09" + buffer[1:])


def test_a_long_curve_keeps_its_means_in_bounded_memory():
    values = np.random.default_rng(0).normal(size=5000)
    values[100] = math.nan
    curve = book.Curve()
    for value in values:
        curve.add(value)
    means = curve.means
    assert len(means) <= 2 * book.HALF and len(curve.sums) == 2 * book.HALF
    for i in (0, 3, len(means) - 1):
        expected = np.nanmean(values[i * curve.width : (i + 1) * curve.width])
        assert means[i] == pytest.approx(expected, rel=1e-5)
    late = book.Curve(skipped=3000)
    late.add(1.0)
    assert np.isnan(late.means[:-1]).all() and late.means[-1] == 1


def test_sliders_are_made_from_the_declaration():
    gan = gl.GAN(RING, lr_g=0.00123)
    controls = knobs.controls(gan, shown=["lr_g", "r1"], locked=["beta1"], hidden=["gp"])
    made = {k["name"]: k for k in controls}
    assert list(made)[:2] == ["lr_g", "r1"] and "gp" not in made and len(made) == len(dataclasses.fields(gan.hp)) - 1
    assert [name for name, k in made.items() if not k["live"]] == ["hidden", "latent_dim", "frequency", "pack"]
    assert [name for name, k in made.items() if k["locked"]] == ["beta1"]
    assert [name for name, k in made.items() if not k["more"]] == ["lr_g", "r1"]
    lr = made["lr_g"]["stops"]
    assert lr[0] == 0 and lr[1] == pytest.approx(1e-6) and lr[-1] == 1 and 0.00123 in lr and lr == sorted(set(lr))
    ratios = np.diff(np.log(lr[1:]))
    assert ratios.max() < math.log(1.7)  # even on the log scale
    assert made["r1"]["stops"][-1] == 1000
    assert made["batch_size"]["stops"][:3] == [1, 2, 3] and all(isinstance(s, int) for s in made["batch_size"]["stops"])
    assert made["beta1"]["stops"][0] == 0 and made["beta1"]["stops"][-1] == 0.999 and len(made["beta1"]["stops"]) > 30
    assert made["loss"]["choices"] == list(gl.gan.LOSSES) and made["lr_g"]["help"] == "Step size of the generator."
    for name, knob in made.items():
        for stop in knob.get("stops", knob.get("choices")):
            gl.GANParams.check({name: stop})


def test_a_page_without_a_kernel_shows_a_still_picture():
    lab = ring_lab()
    lab.run(steps=20)
    lab.set(r1=1.0)
    bundle = lab._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG") and len(bundle["image/png"]) < 40_000
    assert set(bundle["application/vnd.jupyter.widget-view+json"]) == {"version_major", "version_minor", "model_id"}
    still = lab.snapshot()
    assert "8 modes" in still.alt and "discriminator" in still.alt and "r1 changed from" in still.alt
    assert f'alt="{still.alt[:20]}' in still._repr_mimebundle_()["text/html"]


# -- live, on an event loop -----------------------------------------------------------------------------------------------


def live(lab, script):
    """Run the coroutine function `script` on a loop of its own, as a kernel does."""
    try:
        return asyncio.run(script(lab))
    finally:
        assert not lab.running


async def until(condition, seconds=10):
    end = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < end, "did not happen"
        await asyncio.sleep(0.002)


def test_start_and_pause():
    async def script(lab):
        lab.start()
        assert lab.running and lab._bench.stage.running
        await until(lambda: lab.model.step > 20)
        turns = 0
        end = time.perf_counter() + 0.3
        while time.perf_counter() < end:
            await asyncio.sleep(0)
            turns += 1
        assert turns > 20  # others get their turn
        lab.pause()
        asked, step = time.perf_counter(), lab.model.step
        await asyncio.wait_for(lab._bench.live.task, 1)
        assert time.perf_counter() - asked < 0.15 and lab.model.step == step
        assert frame(lab)[0]["step"] == step and not lab._bench.stage.running and f"step {step}" in lab.status
        plain = gl.run(gl.GAN(RING, hidden=16, seed=1).steps(RING), steps=step).history
        assert losses(lab.history).equals(plain)

    live(ring_lab(pace=None), script)


@pytest.mark.parametrize("pace", [10, 100])
def test_the_pace_is_kept(pace):
    async def script(lab):
        lab.start()
        await until(lambda: lab.model.step >= 2)
        start, step = time.perf_counter(), lab.model.step
        await asyncio.sleep(2)
        rate = (lab.model.step - step) / (time.perf_counter() - start)
        lab.pause()
        await lab._bench.live.task
        return rate

    assert live(ring_lab(pace=pace), script) == pytest.approx(pace, rel=0.1)


def test_a_new_pace_takes_hold_and_a_blocked_loop_is_not_made_up_for():
    async def script(lab):
        lab.start()
        await until(lambda: lab.model.step >= 1)
        lab.pace = 50
        step = lab.model.step
        time.sleep(1.0)  # another cell runs
        await asyncio.sleep(0.4)
        assert 5 < lab.model.step - step < 40
        lab.pause()
        await lab._bench.live.task

    live(ring_lab(pace=1), script)


def test_an_error_in_the_loop_is_shown_and_raised_by_the_next_call():
    class Broken(gl.GAN):
        def loop(self, batches, **options):
            for record in super().loop(batches, **options):
                if record["step"] == 5:
                    raise ZeroDivisionError("my mistake")
                yield record

    async def script(lab):
        lab.start()
        await until(lambda: not lab.running)
        await asyncio.sleep(0)
        assert "of loop, `raise ZeroDivisionError(" in lab.status and "ZeroDivisionError: my mistake" in lab.status
        with pytest.raises(ZeroDivisionError, match="my mistake") as caught:
            lab.set(lr_g=0.1)
        assert any(entry.name == "loop" for entry in caught.traceback)  # says where it was
        lab.set(lr_g=0.1)
        assert lab.log == [(5, "lr_g", 0.002, 0.1)] and len(lab.history) == 4

    live(gl.Lab(Broken(RING, hidden=8, seed=1), RING, pace=None), script)
    with pytest.raises(ZeroDivisionError):
        gl.Lab(Broken(RING, hidden=8, seed=1), RING).run(steps=9)


def test_without_an_acknowledgement_frames_stop_and_learning_goes_on():
    async def script(lab):
        lab.start()
        await until(lambda: not lab._bench.screen.watched)
        number, step = lab._bench.screen.number, lab.model.step
        await asyncio.sleep(0.3)
        assert lab._bench.screen.number == number and lab.model.step > step
        tell(lab, ready=True)
        await until(lambda: lab._bench.screen.number > number)
        sent = lab._bench.screen.number
        tell(lab, ack=10**9)  # nobody can have seen what was not sent
        assert lab._bench.screen.acked <= lab._bench.screen.number < sent + 10
        lab.pause()
        await lab._bench.live.task

    live(ring_lab(pace=None, fps=30), script)


def test_messages_of_the_view():
    async def script(lab):
        tell(lab, do="start")
        await until(lambda: lab.model.step > 3)
        tell(lab, set={"lr_g": 0.5})
        tell(lab, pace=1)
        assert lab.model.hp.lr_g == 0.5 and lab.pace == 1
        tell(lab, pace=0)
        assert lab.pace is None
        tell(lab, do="d")
        assert not lab.running and "D only" in lab._bench.stage.marks[-1][1]
        step = lab.model.step
        tell(lab, do="step")
        assert lab.model.step == step + 1
        tell(lab, set={"lr_g": 5})
        assert "lr_g=5: must be from 0 to 1" in lab.status and lab.model.hp.lr_g == 0.5
        for nonsense in (
            dict(do="format"),
            dict(do=["start"]),
            dict(set=3),
            dict(pace="x"),
            dict(ack="1"),
            {},
            dict(pace=-4),
        ):
            tell(lab, **nonsense)
        assert lab.model.step == step + 1 and lab.pace is None
        tell(lab, do="reset")
        assert lab.model.step == 0
        lab.run(steps=1)

    live(ring_lab(), script)


def test_a_handler_on_another_thread_only_leaves_a_request():
    async def script(lab):
        lab.start()
        await until(lambda: lab.model.step > 3)
        seen = []
        record = lab._desk.set
        lab._desk.set = lambda changes: (seen.append(threading.current_thread()), record(changes))
        thread = threading.Thread(target=lambda: tell(lab, set={"lr_d": 0.25}))
        thread.start()
        await until(lambda: lab.model.hp.lr_d == 0.25)
        thread.join()
        thread = threading.Thread(target=lab.pause)
        thread.start()
        await until(lambda: not lab.running)
        thread.join()
        assert seen == [threading.main_thread()]

    live(ring_lab(pace=None), script)


def test_a_newer_lab_of_the_same_model_takes_over():
    async def script(lab):
        lab.start()
        await until(lambda: lab.model.step > 3)
        newer = gl.Lab(lab.model, RING)
        assert not lab.running and newer.run(steps=2).index[0] == lab.model.step - 1
        other = ring_lab(seed=2)
        newer.start(), other.start()  # two labs with a model each run at once
        await until(lambda: other.model.step > 3)
        assert newer.running and other.running
        newer.pause(), other.pause()
        await asyncio.gather(newer._bench.live.task, other._bench.live.task)

    live(ring_lab(), script)


def test_the_stop_button_pauses_where_nobody_else_takes_it():
    async def script(lab):
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a kernel does between two cells
        try:
            lab.start()
            await until(lambda: lab.model.step > 3)
            signal.raise_signal(signal.SIGINT)
            await until(lambda: lab._bench.live.task.done())
            assert not lab.running and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            lab.start()  # and it can go on
            step = lab.model.step
            await until(lambda: lab.model.step > step)
            lab.pause()
            await lab._bench.live.task
        finally:
            signal.signal(signal.SIGINT, before)

    live(ring_lab(pace=None), script)


# -- in a kernel ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def cell():
    """A function that runs code in a fresh kernel, as the cell of a name: the last line's value, or the error's name."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel()

    def run(code, *, name="cell", wait=True):
        *lines, last = code.strip().splitlines()
        content = dict(code="\n".join(lines), silent=False, store_history=True, allow_stdin=False, stop_on_error=False)
        message = client.session.msg("execute_request", content | dict(user_expressions={"value": last}))
        message["metadata"] = {"cellId": name}
        client.shell_channel.send(message)
        while wait:
            reply = client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                content = reply["content"]
                if content["status"] == "error":
                    return content["ename"]
                value = content["user_expressions"]["value"]
                assert value["status"] == "ok", value
                return eval(value["data"]["text/plain"], {})  # of this test's own code: numbers and words

    run.manager, run.client = manager, client
    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


LAB = """
import time
import genlab as gl
data = gl.datasets.ring(n=600, seed=1)
lab = gl.Lab(gl.GAN(data, hidden=16, seed=1), data, pace=None)
bundle = lab._repr_mimebundle_()
"""


def test_in_a_kernel_cells_run_meanwhile_and_the_stop_button_pauses(cell):
    assert cell(LAB + "lab.start()\nlab.running") is True
    waited = []
    for _ in range(8):
        start = time.perf_counter()
        assert cell("x = 6\nx * 7") == 42
        waited.append(time.perf_counter() - start)
        time.sleep(0.05)
    assert sorted(waited)[4] < 0.3, waited
    first, running = cell("None\n(lab.model.step, lab.running)")
    assert first > 0 and running

    cell("import time; time.sleep(30)\n0", wait=False)  # the stop button stops a cell, if one runs
    time.sleep(0.5)
    cell.manager.interrupt_kernel()
    assert cell.client.get_shell_msg(timeout=10)["content"]["ename"] == "KeyboardInterrupt"
    step = cell("None\nlab.model.step")
    time.sleep(0.3)
    later, running = cell("None\n(lab.model.step, lab.running)")
    assert later > step and running

    time.sleep(0.3)  # a kernel gives the signal back a little after its reply
    cell.manager.interrupt_kernel()  # else the lab
    time.sleep(0.5)
    step, running = cell("None\n(lab.model.step, lab.running)")
    assert not running and cell("lab.start()\nlab.running") is True
    time.sleep(0.3)
    assert cell("lab.pause()\nlab.model.step") > step


def test_a_cell_that_is_run_again_holds_the_lab_that_it_made_before(cell):
    cell(LAB + "lab.start(); first = lab\n0", name="a")
    cell(LAB.replace("lab =", "other =") + "other.start()\n0", name="b")
    assert cell("None\n(first.running, other.running)") == (True, True)
    cell(LAB + "0", name="a")
    assert cell("None\n(first.running, other.running, lab.running)") == (False, True, False)
