"""Sweeps: a row a run whoever does it, kept as it comes; nothing lost and nothing twice when workers die."""

import concurrent.futures
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import threading
import types

import pandas as pd
import pytest
from joblib.externals.loky import get_reusable_executor

import genlab as gl
from genlab.worker import sent

RING = gl.datasets.ring(n=300, seed=1)
GRID = dict(lr_d=[1e-3, 1e-2], loss=["nonsaturating", "saturating"])
HOW = dict(seeds=[3, 5], steps=4, hidden=8, batch_size=32, progress=False)


def noisy(data, *, seed, level=0.0, kind="a"):
    """A model that needs no steps."""
    return types.SimpleNamespace(value=10 * level + seed)


def value(model):
    return model.value


def small(**more):
    return gl.sweep(noisy, RING, {"level": [0.1, 0.2]}, **dict(seeds=3, score=value, progress=False) | more)


def by_value(what):
    """A function as a notebook would hold it: known by no module that a worker could import."""
    what.__module__ = "__main__"
    return what


@pytest.fixture
def loky():
    return get_reusable_executor(max_workers=2)


# -- what a row holds ---------------------------------------------------------------------------------------------------


def test_a_sweep_has_a_row_a_run_in_the_order_of_the_grid():
    found = gl.sweep(gl.GAN, RING, GRID, **HOW)
    assert list(found.frame)[:3] == ["lr_d", "loss", "seed"] and list(found.frame)[-2:] == ["seconds", "error"]
    assert found.frame[["lr_d", "loss", "seed"]].to_numpy().tolist() == [
        [lr, loss, seed] for lr in GRID["lr_d"] for loss in GRID["loss"] for seed in (3, 5)
    ]
    assert found.frame.error.isna().all() and (found.frame.seconds > 0).all() and not found.missing
    gan = gl.GAN(RING, seed=5, lr_d=1e-2, loss="saturating", hidden=8, batch_size=32)
    history = gl.run(gan.steps(RING), 4).history
    scores = gl.metrics.quality(gan.sample(1000, seed=0), RING)
    last = found.frame.iloc[-1]
    assert last.loss_g == history.loss_g.iloc[-1] and last.loss_d == history.loss_d.iloc[-1]
    assert last.distance == scores["distance"] and last.distance_floor == scores["distance"].floor
    assert last.modes == scores["modes"]
    assert repr(found) == "Sweep(2 lr_d x 2 loss x 2 seeds, 8 runs done, 0 missing)"


def test_one_number_or_several_are_a_score():
    assert small().frame.score.round(6).tolist() == [1, 2, 3, 2, 3, 4]
    two = small(score=lambda model: {"a": model.value, "b": gl.metrics.Score(1.0, name="x", floor=2.0)}).frame
    assert list(two) == ["level", "seed", "a", "b", "b_floor", "seconds", "error"] and set(two.b_floor) == {2}


def test_a_summary_has_the_interval_over_seeds():
    found = small()
    table = found.summary()
    assert table.to_numpy()[:, :4].round(6).tolist() == [[0.1, 3, 0, 2], [0.2, 3, 0, 3]]
    assert (table.high - table["mean"]).round(4).tolist() == [2.4841, 2.4841]  # t(2) 4.3027 * 1 / sqrt(3)
    assert (
        "6 of 6 runs are done (level; 3 seeds a setting). score, mean and 95 % interval: lowest 2 (" in found.sentence()
    )
    assert "at level=0.1" in found.sentence() and small(seeds=1).summary().low.isna().all()
    with pytest.raises(ValueError, match="loss: no run has it; there are score"):
        found.summary("loss")


def test_a_figure_is_drawn_by_number_or_by_word():
    found = gl.sweep(noisy, RING, {"level": [0.1, 0.2], "kind": ["a", "b"]}, seeds=2, score=value, progress=False)
    text = gl.plots.describe(found.figure(hue="kind"))
    assert "over level 0.1 to 0.2" in text and "kind a goes from 1.5 to 2.5" in text and "kind b" in text
    assert "b, level 0.1: 1, 2" in gl.plots.describe(found.figure("kind", hue="level"))
    assert "score goes from 1.5" in gl.plots.describe(found.figure())
    for wrong in (dict(x="seed"), dict(hue="level"), dict(hue="lr")):
        with pytest.raises(ValueError, match="x and hue are two of level, kind"):
            found.figure(**wrong)
    floor = gl.sweep(gl.GAN, RING, {"lr_d": [1e-3, 1e-1]}, **HOW)
    assert "real data score" in gl.plots.describe(floor.figure()) and floor.figure().axes[0].get_xscale() == "log"


def test_tables_can_be_swept():
    table = pd.DataFrame({"a": [1, 2, 3] * 30, "b": list("xyz") * 30})

    def fit(data, *, seed, min_leaf):
        return gl.tables.Synthesizer(min_leaf=min_leaf, random_state=seed).fit(data)

    found = gl.sweep(fit, table, {"min_leaf": [5, 20]}, seeds=2, score=lambda m: len(m.sample(7)), progress=False)
    assert found.frame.error.isna().all() and found.frame.score.tolist() == [7] * 4


# -- what fails ---------------------------------------------------------------------------------------------------------


def test_a_run_that_fails_is_a_row_with_its_message(tmp_path):
    def some(data, *, seed, level):
        if seed == 1 and level == 0.2:
            raise ZeroDivisionError("as planned" + "!" * 1000)
        return types.SimpleNamespace(value=math.nan if seed == 2 else 1.0)

    to = tmp_path / "rows.jsonl"
    found = gl.sweep(some, RING, {"level": [0.1, 0.2]}, seeds=3, score=value, to=to, progress=False)
    errors = found.frame.error.tolist()
    assert len(errors) == 6 and errors[4].startswith("ZeroDivisionError: as planned!") and len(errors[4]) == 500
    assert errors[2] == errors[5] == "ValueError: score: score=float nan: a score is one finite number"
    assert found.frame.score.isna().tolist() == [False, False, True, False, True, True]
    assert found.summary().failed.tolist() == [1, 2] and found.summary()["mean"].tolist() == [1, 1]
    assert "3 of them failed, the first at level=0.1, seed 2: ValueError" in found.sentence()

    calls = []

    def mended(data, *, seed, level):
        calls.append((level, seed))
        return types.SimpleNamespace(value=2.0)

    mended.__qualname__ = some.__qualname__
    how = dict(seeds=3, score=value, to=to, progress=False)
    assert gl.sweep(mended, RING, {"level": [0.1, 0.2]}, **how).frame.error.notna().sum() == 3 and calls == []
    again = gl.sweep(mended, RING, {"level": [0.1, 0.2]}, retry=True, **how)
    assert calls == [(0.1, 2), (0.2, 1), (0.2, 2)] and again.frame.error.isna().all()
    assert again.frame.equals(gl.sweep(mended, RING, {"level": [0.1, 0.2]}, **how).frame) and len(again.frame) == 6


def test_a_run_that_diverges_is_a_row_with_advice(monkeypatch):
    steep = (lambda real, fake: (fake - real).exp().mean(-1), lambda fake: (-fake).exp().mean(-1))
    monkeypatch.setitem(gl.gan.LOSSES, "steep", steep)

    def make(data, *, seed, lr):
        return gl.GAN(data, seed=seed, loss="steep", lr_g=lr, lr_d=lr, r1=0.0, hidden=8)

    error = gl.sweep(make, RING, {"lr": [1.0]}, seeds=1, steps=2000, progress=False).frame.error[0]
    assert error.startswith("not finite at step ") and "smaller step size" in error


def test_a_model_that_learned_nothing_is_told_of():
    make = lambda data, *, seed, hidden: gl.GAN(data, seed=seed, hidden=hidden)
    frame = gl.sweep(make, RING, {"hidden": [8]}, seeds=1, progress=False).frame
    assert "has learned nothing: give steps=" in frame.error[0]
    assert "no attribute 'steps'" in small(steps=3).frame.error[0]
    with pytest.raises(ValueError, match="no run has it; there are no scores at all"):
        small(steps=3).figure()


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(ValueError, match="sweep: 10 problem") as caught:
        gl.sweep(
            gl.GAN, RING, {"lr_d": [-1, 1e-3, 7], "lr": [1], "loss": [], "pack": [[1]]}, seeds=0, pack=0, executor=2
        )
    text = str(caught.value)
    for words in (
        "seeds=",
        "steps=None",
        "loss=[]",
        "pack=[[1]]",
        "pack: give it in",
        "lr_d=-1",
        "lr_d=7",
        "lr: no such knob",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(grid={}), "must be a dict of lists"),
        (dict(grid=[1]), "must be a dict of lists"),
        (dict(grid={"level": [1, 1]}), "different numbers"),
        (dict(grid={"level": [math.nan]}), "different numbers"),
        (dict(grid={"seed": [1]}), "seed: every row has a column of this name"),
        (dict(grid={"other": [1]}), "other: noisy takes no such argument; it takes data, seed, level, kind"),
        (dict(seeds=[1, 1]), "seeds=.*different whole numbers"),
        (dict(seeds=200_000), "seeds=200000: how many"),
        (dict(grid={"level": 1.0}), "level=1.0: needs a list"),
        (dict(grid={"kind": "ab"}), "kind='ab': needs a list"),
        (dict(seeds=100_000), "more than 100,000 runs"),
        (dict(make_model=3), "make_model=3: a family"),
        (dict(make_model=lambda data, level: 1), "takes no seed"),
        (dict(score="distance"), "score='distance': a function"),
        (dict(kind=[1]), r"kind=\[1\]: must be a number"),
        (dict(executor=2), "executor=2: must be an Executor"),
    ],
)
def test_arguments_that_cannot_be(change, words, tmp_path):
    given = dict(make_model=noisy, data=RING, grid={"level": [0.1, 0.2]}, seeds=2, score=value, progress=False) | change
    with pytest.raises(ValueError, match=words):
        gl.sweep(**given, to=tmp_path / "rows.jsonl")
    assert not (tmp_path / "rows.jsonl").exists()


# -- interrupt and resume -----------------------------------------------------------------------------------------------


class Counted:
    """A maker that counts its calls, and is interrupted at one of them."""

    __qualname__ = "Counted"

    def __init__(self, at=0):
        self.calls, self.at = [], at

    def __call__(self, data, *, seed, level):
        self.calls.append((level, seed))
        if len(self.calls) == self.at:
            raise KeyboardInterrupt
        return noisy(data, seed=seed, level=level)


def swept(maker, **more):
    how = dict(grid={"level": [0.1, 0.2]}, seeds=3, score=value, progress=False)
    return gl.sweep(maker, RING, **how | more)


def test_an_interrupted_sweep_goes_on_from_its_file(tmp_path):
    to, first, second = tmp_path / "rows.jsonl", Counted(at=4), Counted()
    half = swept(first, to=to)
    assert half.stopped == (
        f"interrupted: 3 of 6 are missing; call .finish() to go on, or the same sweep again: {to} keeps what is done"
    )
    assert len(half.frame) == 3 and half.missing == [(0.2, 0), (0.2, 1), (0.2, 2)] and half.stopped in half.sentence()
    whole = swept(second, to=to)
    assert second.calls == half.missing and whole.stopped is None
    assert [len(to.read_text().splitlines()), len(whole.frame)] == [7, 6]
    assert whole.frame.drop(columns="seconds").equals(swept(Counted()).frame.drop(columns="seconds"))
    half.to = None
    assert half.finish(progress=False).frame.score.equals(whole.frame.score)


@pytest.mark.parametrize("inside", [False, True])
def test_a_run_that_ctrl_c_cuts_short_is_no_row(inside):
    def loop():
        yield {"loss": 1.0}
        signal.raise_signal(signal.SIGINT)
        yield {"loss": 1.0}
        yield {"loss": 1.0}

    def make(data, *, seed, level):
        if inside and seed == 1:
            gl.run(loop(), 3, strict=True)
        return types.SimpleNamespace(steps=lambda data: loop() if seed == 1 else iter([{"loss": 2.0}]), value=1.0)

    how = dict(steps=None if inside else 3, score=value, progress=False)
    found = gl.sweep(make, RING, {"level": [0.1]}, seeds=3, **how)
    assert found.stopped.startswith("interrupted: 2 of 3 are missing") and found.frame.seed.tolist() == [0]
    assert inside or found.frame.loss[0] == 2.0


def test_more_values_and_seeds_are_added_to_a_file(tmp_path):
    to, more = tmp_path / "rows.jsonl", Counted()
    swept(Counted(), to=to)
    found = swept(more, to=to, grid={"level": [0.2, 0.3]}, seeds=4)
    assert more.calls == [(0.2, 3), (0.3, 0), (0.3, 1), (0.3, 2), (0.3, 3)] and len(found.frame) == 8


def test_a_line_that_was_broken_off_is_done_again(tmp_path):
    to = tmp_path / "rows.jsonl"
    swept(Counted(), to=to)
    whole = to.read_text()
    for cut in (1, 10, len(whole.splitlines()[-1]) + 1):
        to.write_text(whole[:-cut])
        maker = Counted()
        assert len(swept(maker, to=to).frame) == 6 and maker.calls == [(0.2, 2)]
        assert [json.loads(line) for line in to.read_text().splitlines()][0] == json.loads(whole.splitlines()[0])
    to.write_text(whole[:20])  # in the middle of the first line
    assert len(swept(Counted(), to=to).frame) == 6


def test_a_file_of_something_else_is_not_touched(tmp_path):
    to = tmp_path / "rows.jsonl"
    swept(Counted(), to=to)
    whole = to.read_text()
    for change, words in (
        (dict(steps=5), "steps is null there and 5 here"),
        (dict(data=gl.datasets.ring(n=301)), "data is "),
        (dict(score=len), 'score is "value" there and "len" here'),
    ):
        with pytest.raises(ValueError, match=f"holds another sweep .*{words}.*; take another path"):
            gl.sweep(
                **dict(make_model=Counted(), data=RING, grid={"level": [0.1]}, seeds=1, score=value, to=to) | change
            )
    for other in ("a,b\n1,2\n", "a,b", "[1]\n", whole.replace('"level": 0.1', '"level": [1]'), whole + "oops\n"):
        to.write_text(other)
        with pytest.raises(ValueError, match="holds another sweep|damaged in line 8|line 2 is no row"):
            swept(Counted(), to=to)
        assert to.read_text() == other
    with pytest.raises(IsADirectoryError, match="rows.jsonl"):
        swept(Counted(), to=tmp_path)
    with pytest.raises(FileNotFoundError, match="make it first"):
        swept(Counted(), to=tmp_path / "no" / "rows.jsonl")


def test_it_says_how_far_it_is(capsys, tmp_path):
    swept(Counted(at=4), to=tmp_path / "rows.jsonl", progress=True)
    assert "3 of 6" in capsys.readouterr().out
    swept(Counted(), to=tmp_path / "rows.jsonl", progress=True)
    assert capsys.readouterr().out.split("\r")[1:][0].startswith("█" * 13 + "░" * 7 + " 4 of 6")


# -- executors ----------------------------------------------------------------------------------------------------------


def test_any_executor_gives_the_same_rows(loky):
    serial = gl.sweep(gl.GAN, RING, GRID, **HOW).frame.drop(columns="seconds")
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        for executor in (threads, loky):
            assert gl.sweep(gl.GAN, RING, GRID, executor=executor, **HOW).frame.drop(columns="seconds").equals(serial)


def test_functions_of_a_notebook_and_own_rows_reach_a_worker(loky):
    shift = 5.0
    make = by_value(lambda data, *, seed, level: (float(data.x.sum()), level, seed, os.getpid()))
    score = by_value(lambda model: dict(total=model[0] + shift * model[1] + model[2], pid=model[3]))
    rows = [[1.0, 2.0], [3.0, 4.0]]
    frame = gl.sweep(make, rows, {"level": [0, 1]}, seeds=2, score=score, executor=loky, progress=False).frame
    assert frame.total.tolist() == [10, 11, 15, 16] and os.getpid() not in set(frame.pid)


def test_shipped_data_travel_by_name_and_others_by_value():
    digits = gl.datasets.digits()
    by_name = len(sent((gl.VAE, digits, 3, None, {})))
    assert by_name < 2000 < digits.x.numel() * 3 < len(sent((gl.VAE, digits.head(1300), 3, None, {})))
    digits.x[0] += 1
    assert len(sent((gl.VAE, digits, 3, None, {}))) > digits.x.numel() * 4


def test_what_cannot_be_sent_is_one_clear_error(loky):
    lock = threading.Lock()
    make = by_value(lambda data, *, seed, level: lock)
    with pytest.raises(TypeError, match="cannot be sent to a worker .*make these inside the function"):
        gl.sweep(make, RING, {"level": [1]}, seeds=1, score=value, executor=loky, progress=False)


class Odd(concurrent.futures.Executor):
    """Knows `submit` alone; does every task when it is asked for, and ends as it is told."""

    def __init__(self, ends):
        self.ends, self.futures = iter(ends), []

    def submit(self, function, *args):
        future = concurrent.futures.Future()
        self.futures.append(future)
        end = next(self.ends, None)
        if end is None:
            future.set_result(function(*args))
        elif end != "waits":
            future.set_exception(end)
        return future


def test_a_task_that_an_executor_gives_up_is_a_row():
    found = small(executor=Odd([None, OSError("no such worker")]))
    assert found.frame.error.notna().tolist() == [False, True] + [False] * 4 and not found.missing
    assert found.frame.error[1] == "OSError: no such worker" and math.isnan(found.frame.seconds[1])


@pytest.mark.parametrize(
    "end", [KeyboardInterrupt(), concurrent.futures.BrokenExecutor(), concurrent.futures.CancelledError()]
)
def test_what_has_not_begun_is_cancelled_and_what_is_done_is_kept(end):
    executor = Odd([end, "waits", None, "waits", None, None])
    found = small(executor=executor)
    assert len(found.frame) == 3 and len(found.missing) == 3 and "3 of 6 are missing; call .finish()" in found.stopped
    assert [future.cancelled() for future in executor.futures] == [False, True, False, True, False, False]
    assert found.finish(progress=False).frame.score.equals(small().frame.score) and found.stopped is None


def test_a_killed_loky_worker_is_told_and_its_rows_are_done_later(tmp_path):
    to, flag = tmp_path / "rows.jsonl", tmp_path / "killed"
    make = by_value(lambda data, *, seed, level: (level, seed))

    def score(model):
        if model == (0.2, 1) and not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return sum(model)

    how = dict(grid={"level": [0.1, 0.2]}, seeds=3, score=by_value(score), to=to, progress=False)
    first = gl.sweep(make, RING, executor=get_reusable_executor(max_workers=2), **how)
    assert first.stopped.startswith("a worker ended without a word") and str(to) in first.stopped
    kept = to.read_text().splitlines()[1:]
    assert 0 < len(first.missing) == 6 - len(first.frame) == 6 - len(kept)
    second = gl.sweep(make, RING, executor=get_reusable_executor(max_workers=2), **how)
    assert second.frame.score.round(6).tolist() == [0.1, 1.1, 2.1, 0.2, 1.2, 2.2] and second.stopped is None
    assert to.read_text().splitlines()[1 : len(kept) + 1] == kept


def test_a_killed_dask_worker_loses_nothing_and_nothing_is_twice(tmp_path):
    pytest.importorskip("distributed")
    script = pathlib.Path(__file__).with_name("dask_sweep.py")
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "told.json").read_text("utf-8"))
    lines = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()[1:]]
    keys = [(line["lr_d"], line["seed"]) for line in lines]
    assert sorted(keys) == [(lr, seed) for lr in (1e-3, 1e-2) for seed in range(6)]  # all, and each once
    assert told["killed"] in told["before"] and told["killed"] not in told["after"] and told["stopped"] is None
    serial = gl.sweep(gl.GAN, RING, {"lr_d": [1e-3, 1e-2]}, seeds=6, steps=40, hidden=8, progress=False).frame
    assert {(line["lr_d"], line["seed"]): line["distance"] for line in lines} == {
        (row.lr_d, row.seed): row.distance for row in serial.itertuples()
    }
