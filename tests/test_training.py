"""The one driver: it keeps what was recorded whatever happens, ends between two steps, and says why it ended."""

import itertools
import math
import os
import signal
import threading

import numpy as np
import pandas as pd
import pytest
import torch

import genlab as gl
from genlab import gan as family
from genlab.training import Stopped, advance, trouble

RING = gl.datasets.ring(n=300, seed=1)


def small(seed=1, **knobs):
    return gl.GAN(RING, seed=seed, **dict(hidden=8, batch_size=32) | knobs)


def counting(n=None, **extra):
    """A learner's own loop."""
    for i in itertools.count() if n is None else range(n):
        yield {"loss": 1 / (i + 1), **extra}


# -- what is kept -------------------------------------------------------------------------------------------------------


def test_a_run_records_every_step():
    gan = small()
    run = gl.run(gan.steps(RING), steps=7)
    assert run.stopped is None and run.seconds > 0 and gan.step == 7
    assert list(run.history.index) == [1, 2, 3, 4, 5, 6, 7] and run.history.index.name == "step"
    assert list(run.history) == ["loss_d", "loss_g"] and set(map(str, run.history.dtypes)) == {"float64"}
    more = gl.run(gan.steps(RING), steps=2)
    assert list(more.history.index) == [8, 9]


def test_it_equals_a_plain_loop():
    records = [
        {name: float(value) for name, value in record.items()}
        for _, record in zip(range(20), small().steps(RING), strict=False)
    ]
    expected = pd.DataFrame(records).set_index("step")
    pd.testing.assert_frame_equal(gl.run(small().steps(RING), 20).history, expected, check_index_type=False)


@pytest.mark.parametrize(
    ("steps", "every", "kept"),
    [(10, 1, list(range(1, 11))), (10, 4, [4, 8, 10]), (12, 4, [4, 8, 12]), (3, 50, [3]), (1, 1, [1])],
)
def test_every_so_many_steps_and_the_last(steps, every, kept):
    assert list(gl.run(counting(), steps, every=every).history.index) == kept


def test_a_stack_has_a_column_a_member():
    history = gl.run(small([3, 4, 5]).steps(RING), 4).history
    assert list(history) == [(name, k) for name in ("loss_d", "loss_g") for k in range(3)]
    assert history["loss_d"].shape == (4, 3) and history.notna().all(axis=None)


def test_a_player_that_rests_leaves_a_gap():
    history = gl.run(small(g_every=3).steps(RING), 6).history
    assert list(history.loss_g.notna()) == [False, False, True] * 2 and history.loss_d.notna().all()
    history = gl.run(small([1, 2], g_every=3).steps(RING), 6).history
    assert list(history["loss_g"][1].notna()) == [False, False, True] * 2


def test_a_run_says_what_happened():
    run = gl.run(counting(3), 5)
    assert repr(run).startswith("Run(3 records to step 3, ") and "ended by itself" in repr(run)
    assert gl.run([], 5).history.empty and repr(gl.run([], 5)).startswith("Run(0 records to step 0")


# -- a learner's own loop -----------------------------------------------------------------------------------------------


def test_any_iterable_of_dicts_will_do():
    for loop in (counting(3), list(counting(3)), iter(list(counting(3))), map(dict, counting(3))):
        history = gl.run(loop, steps=3).history
        assert history.loss.tolist() == [1, 1 / 2, 1 / 3] and list(history.index) == [1, 2, 3]


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        torch.tensor(0.5),
        torch.tensor(0.5, requires_grad=True),
        torch.tensor(0.5, dtype=torch.bfloat16),
        np.float32(0.5),
        np.array(0.5),
    ],
)
def test_numbers_of_any_kind_become_floats(value):
    run = gl.run([{"step": np.int64(4), "loss": value}], steps=1)
    assert run.records == [{"step": 4, "loss": 0.5}] and run.history.loss.dtype == float


def test_numbers_that_are_no_fractions():
    run = gl.run([{"loss": 1, "found": True, "n": torch.tensor(3), "many": np.arange(2)}], steps=1)
    assert run.records == [{"step": 1, "loss": 1.0, "found": 1.0, "n": 3.0, "many": [0.0, 1.0]}]


def test_text_stays_text():
    history = gl.run(({"loss": 0.5, "note": note} for note in ("good", "bad")), steps=2).history
    assert history.note.tolist() == ["good", "bad"] and history.loss.dtype == float


def test_records_may_differ():
    history = gl.run([{"a": 1}, {"b": torch.ones(2)}, {"a": 2, "b": torch.ones(3)}], steps=3).history
    assert history.shape == (3, 4) and history.isna().sum().sum() == 1 + 1 + 2 + 1


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (0.5, "the loop yielded float 0.5: it must yield dicts"),
        ([1, 2], "the loop yielded list"),
        (("loss", 1), "the loop yielded tuple"),
        (torch.tensor(1.0), "the loop yielded Tensor"),
        (None, "the loop yielded NoneType None"),
        ("x" * 500, "the loop yielded str 'xxx.*xxx[.][.][.]: it must"),
        ({"loss": None}, "loss=NoneType None: must be one number"),
        ({"loss": 1j}, "loss=complex 1j"),
        ({"loss": torch.tensor(1j)}, "loss=complex 1j"),
        (
            {"loss": torch.ones(2, 2)},
            r"loss=list \[\[1.0, 1.0\], \[1.0, 1.0\]\]: must be one number, or a tensor of one a",
        ),
        ({"loss": torch.ones(0)}, r"loss=list \[\]: must be one number"),
        ({"loss": {"d": 1}}, "loss=dict"),
        ({"loss": ["a", "b"]}, "loss=list"),
        ({"loss": np.array(["a"])}, "loss=list"),
        ({"loss": [torch.tensor(1.0, requires_grad=True)]}, "loss=list"),
        ({"loss": lambda: 1}, "loss=function"),
        ({1: 0.5}, "names are text"),
        ({"step": "one"}, "step is a whole number"),
        ({"step": 1.5}, "step is a whole number"),
        ({"step": True}, "step is a whole number"),
        ({"step": [1]}, "step is a whole number"),
        ({"step": None, "loss": 1}, "step is a whole number"),
    ],
)
def test_a_loop_that_yields_nonsense(record, words):
    with pytest.raises(TypeError, match=words) as caught:
        gl.run([{"loss": 0.5}, {"loss": 0.25}, record], steps=5)
    assert caught.value.run.history.loss.tolist() == [0.5, 0.25]
    assert any("error.run.history" in note for note in caught.value.__notes__)


@pytest.mark.parametrize(
    ("loop", "words"),
    [
        (counting, "call it first: run.my_loop"),
        (5, "loop=int 5 cannot be stepped through: pass an iterable of dicts"),
        (None, "loop=NoneType None"),
    ],
)
def test_what_is_no_loop(loop, words):
    with pytest.raises(TypeError, match=words):
        gl.run(loop, steps=5)


def test_a_loop_of_looks_alone_does_not_hang():
    with pytest.raises(TypeError, match="100 records with a 'stage'.* but no step"):
        gl.run(counting(stage="warm-up"), steps=5)


@pytest.mark.parametrize("name", ["steps", "every", "threads"])
@pytest.mark.parametrize("value", [0, -1, True, 1.5, "10", None, float("nan")])
def test_counts_that_cannot_be(name, value):
    gan = small()
    with pytest.raises(ValueError, match=f"{name}={value!r}: must be a whole number of at least 1"):
        gl.run(gan.steps(RING), **dict(steps=3) | {name: value})
    assert gan.step == 0


def test_counts_of_numpy():
    assert len(gl.run(counting(), np.int64(3), every=np.int32(1)).records) == 3


# -- how it ends --------------------------------------------------------------------------------------------------------


def breaking(after):
    yield from counting(after)
    raise ZeroDivisionError("as planned")


@pytest.mark.parametrize("every", [1, 3])
def test_a_loop_that_raises_keeps_its_history(every):
    before = torch.get_num_threads(), signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError, match="as planned") as caught:
        gl.run(breaking(5), steps=10, every=every)
    assert list(caught.value.run.history.index) == {1: [1, 2, 3, 4, 5], 3: [3, 5]}[every]
    assert (torch.get_num_threads(), signal.getsignal(signal.SIGINT)) == before


@pytest.mark.parametrize("every", [1, 3])
def test_a_loop_that_ends_by_itself(every):
    run = gl.run(counting(5), steps=10, every=every)
    assert run.stopped == "the loop ended by itself after 5 steps"
    assert list(run.history.index) == {1: [1, 2, 3, 4, 5], 3: [3, 5]}[every]
    with pytest.raises(Stopped, match="ended by itself after 0 steps") as caught:
        gl.run([], steps=10, strict=True)
    assert caught.value.run.records == []


def test_strict_returns_what_ran_to_the_end():
    assert gl.run(counting(3), steps=3, strict=True).stopped is None


@pytest.mark.parametrize("sick", [math.nan, math.inf, -math.inf, torch.tensor(math.nan), torch.full((3,), math.nan)])
@pytest.mark.parametrize("every", [1, 5])
def test_numbers_that_are_not_finite_end_it(sick, every):
    loop = itertools.chain(counting(6), [{"loss": sick}], counting())
    run = gl.run(loop, steps=100, every=every)
    assert run.stopped.startswith("not finite at step 7: loss is ") and "smaller step size" in run.stopped
    assert list(run.history.index) == {1: [1, 2, 3, 4, 5, 6, 7], 5: [5, 7]}[every]


def test_one_sick_member_does_not_end_it():
    values = torch.tensor([[1.0, 1.0], [math.nan, 1.0], [math.nan, 1.0], [math.nan, math.inf]])
    run = gl.run(({"loss": v} for v in values), steps=9)
    assert run.stopped.startswith("not finite at step 4")
    assert trouble({"step": 1, "loss": [math.nan, 2.0]}) is None


def test_a_gan_that_diverges_keeps_its_history_and_gets_advice(monkeypatch):
    steep = (lambda real, fake: (fake - real).exp().mean(-1), lambda fake: (-fake).exp().mean(-1))
    monkeypatch.setitem(family.LOSSES, "steep", steep)
    gan = small(loss="steep", lr_g=1.0, lr_d=1.0, r1=0.0)
    run = gl.run(gan.steps(RING), 2000, every=10)
    last = run.history.iloc[-1]
    assert 1 < gan.step < 2000 and f"not finite at step {gan.step}" in run.stopped and "(lr)" in run.stopped
    assert not np.isfinite(last).all() and np.isfinite(run.history.iloc[:-1]).all(axis=None)
    with pytest.raises(Stopped, match="not finite at step") as caught:
        gl.run(small(loss="steep", lr_g=1.0, lr_d=1.0, r1=0.0).steps(RING), 2000, strict=True)
    assert len(caught.value.run.history) == gan.step


# -- Ctrl-C -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "press", [lambda: signal.raise_signal(signal.SIGINT), lambda: os.kill(os.getpid(), signal.SIGINT)]
)
@pytest.mark.parametrize("stages", [False, True])
def test_an_interrupt_inside_a_step_waits_for_its_end(press, stages, monkeypatch):
    loss_of_d, loss_of_g = family.LOSSES["nonsaturating"]
    calls = itertools.count(1)

    def pressed(real, fake):  # the discriminator's turn: it will have moved and the generator not
        if next(calls) == 5:
            press()
        return loss_of_d(real, fake)

    monkeypatch.setitem(family.LOSSES, "pressed", (pressed, loss_of_g))
    handler, gan = signal.getsignal(signal.SIGINT), small(loss="pressed")
    run = gl.run(gan.steps(RING, stages=stages), steps=50, every=3)
    assert run.stopped == "interrupted after step 5" and list(run.history.index) == [3, 5]
    assert run.history.loss_g.notna().all() and signal.getsignal(signal.SIGINT) is handler

    whole = small()
    gl.run(whole.steps(RING), 5)
    tensors, expected = gan.state()[0], whole.state()[0]
    assert all(torch.equal(tensors[name], expected[name]) for name in expected)  # a whole step, no less and no more
    assert gl.run(gan.steps(RING), 5).history.equals(gl.run(whole.steps(RING), 5).history)  # and it goes on


def test_a_second_interrupt_is_at_once():
    def loop():
        yield {"loss": 1.0}
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        yield {"loss": 2.0}

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt) as caught:
        gl.run(loop(), steps=5)
    assert caught.value.run.history.loss.tolist() == [1.0] and signal.getsignal(signal.SIGINT) is handler


def test_an_interrupt_is_an_early_end_for_strict():
    def loop():
        for record in counting():
            signal.raise_signal(signal.SIGINT)
            yield record

    with pytest.raises(Stopped, match="interrupted after step 1"):
        gl.run(loop(), steps=5, strict=True)


def test_it_runs_on_any_thread():
    found = {}
    thread = threading.Thread(target=lambda: found.update(run=gl.run(small().steps(RING), 5)))
    thread.start()
    thread.join()
    assert found["run"].history.equals(gl.run(small().steps(RING), 5).history)


def test_one_run_inside_another():
    def loop():
        for _ in range(3):
            yield {"loss": gl.run(counting(), 4).history.loss.mean()}

    handler = signal.getsignal(signal.SIGINT)
    assert len(gl.run(loop(), 3).history) == 3 and signal.getsignal(signal.SIGINT) is handler


def test_it_takes_not_one_step_too_many():
    taken = []
    loop = ({"loss": i} for i in itertools.count() if not taken.append(i))
    gl.run(loop, 4)
    assert len(taken) == 4


# -- many seeds ---------------------------------------------------------------------------------------------------------


def test_an_ensemble_has_a_row_a_seed_and_step():
    group = gl.ensemble(gl.GAN, RING, seeds=[7, 3], steps=10, every=4, hidden=8, batch_size=32)
    assert list(group.frame) == ["seed", "step", "loss_d", "loss_g"]
    assert group.frame.seed.tolist() == [7, 7, 7, 3, 3, 3] and group.frame.step.tolist() == [4, 8, 10] * 2
    assert group.seeds == [7, 3] and group.lost == {} and group.sample(5).shape == (2, 5, 2)
    history = gl.run(small([7, 3]).steps(RING), 10).history
    for k, seed in enumerate([7, 3]):
        rows = group.frame[group.frame.seed == seed].set_index("step")
        assert rows.loss_d.equals(history["loss_d"][k].loc[[4, 8, 10]].rename("loss_d"))
    assert "Ensemble(2 seeds of GAN" in repr(group)


def test_an_ensemble_names_the_lost(monkeypatch):
    loss_of_d, loss_of_g = family.LOSSES["nonsaturating"]
    calls = itertools.count(1)

    def sick(fake):
        loss = loss_of_g(fake)
        return loss * torch.tensor([1.0, math.nan, 1.0]) if next(calls) == 4 else loss

    monkeypatch.setitem(family.LOSSES, "sick", (loss_of_d, sick))
    group = gl.ensemble(gl.GAN, RING, seeds=[5, 6, 7], steps=8, loss="sick", hidden=8)
    assert group.lost == {6: 4} and group.run.stopped is None
    well = group.frame[group.frame.seed != 6]
    assert well.notna().all(axis=None) and group.frame[group.frame.seed == 6].loss_g.isna().sum() == 5


def test_a_player_that_rests_loses_nobody():
    group = gl.ensemble(gl.GAN, RING, seeds=[5, 6], steps=7, g_every=3, hidden=8)
    assert group.lost == {} and group.frame.loss_g.notna().sum() == 4
    assert list(gl.ensemble(gl.GAN, RING, seeds=[1], steps=2, g_every=0, d_every=0, hidden=8).frame) == ["seed", "step"]


def test_an_ensemble_takes_plain_rows_and_any_seeds():
    rows = RING.x.numpy()
    for seeds in (range(2), np.arange(2), (s for s in range(2))):
        assert gl.ensemble(gl.GAN, rows, seeds=seeds, steps=2, hidden=4).seeds == [0, 1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(seeds=8), r"seeds=8: give several, for example seeds=range\(8\)"),
        (dict(seeds=[]), "seed"),
        (dict(seeds=[1, 1]), "twice"),
        (dict(seeds="ab"), "seed='ab'"),
        (dict(steps=0), "steps=0"),
        (dict(hiden=3), "hiden: no such knob"),
    ],
)
def test_ensembles_that_cannot_be(change, words):
    with pytest.raises(ValueError, match=words):
        gl.ensemble(gl.GAN, RING, **dict(seeds=[1, 2], steps=2) | change)


def test_a_conditional_ensemble_is_asked_for_a_label():
    group = gl.ensemble(gl.GAN, gl.datasets.digits(), seeds=[1, 2], steps=2, conditional=True, hidden=4)
    assert group.sample(3, y=4, seed=1).shape == (2, 3, 1, 8, 8)


# -- the pieces that the lab uses too -----------------------------------------------------------------------------------


def test_advance_pulls_one_record_as_numbers():
    loop = small().steps(RING, stages=True)
    assert advance(loop) == {"step": 1, "stage": "make"}
    assert advance(iter([{"loss": torch.tensor(0.5)}]), 9) == {"step": 9, "loss": 0.5}
    with pytest.raises(StopIteration):
        advance(iter([]))
