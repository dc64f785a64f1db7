"""A room's lines: what a run tells in one, what is found in a chat, and the rate that comes of it."""

import doctest
import json
import math

import pandas as pd
import pytest
import torch

import genlab as gl
from genlab import classroom, gan, training
from genlab.classroom import reading, room, sharing
from genlab.datasets import Dataset, ring
from genlab.lab import Lab
from genlab.tables.evaluation.chance import wilson

SMALL = dict(hidden=4, batch_size=8)


def line(modes=8, seed=1, **other):
    """A line as share_line writes it; None takes a field out."""
    told = {
        "genlab.run": 1, "model": "GAN", "data": "ring", "seed": seed, "step": 500, "knobs": {"lr_g": 0.001},
        "scores": {"distance": 0.2, "modes": modes}, "true_modes": 8, "stopped": None,
    }  # fmt: skip
    return json.dumps({name: value for name, value in (told | other).items() if value != "out"})


@pytest.fixture(scope="module")
def lab():
    data = ring(n=400)
    lab = Lab(gan.GAN(data, lr_g=1e-3, seed=7, **SMALL), data)
    lab.run(5)
    return lab


# -- one line -----------------------------------------------------------------------------------------------------------


def test_a_lab_tells_all_by_itself(lab):
    text = gl.share_line(lab)
    told = json.loads(text)
    assert told.pop("scores") == {name: float(f"{value:.4g}") for name, value in lab.scores.items()}
    assert told == {
        "genlab.run": 1, "model": "GAN", "data": "ring", "seed": 7, "step": 5, "true_modes": 8, "stopped": None,
        "knobs": dict(hidden=4, lr_g=0.001, batch_size=8),
    }  # fmt: skip
    assert text.isascii() and len(text) <= 400 and "\n" not in text and ": " not in text
    assert repr(text) == str(text) and isinstance(text, str)  # a notebook shows it without quotes
    assert gl.collect(text).rows[0]["step"] == 5


def test_changes_of_knobs_are_counted():
    data = ring(n=400)
    lab = Lab(gan.GAN(data, seed=1, **SMALL), data, metrics=None)
    assert "changes" not in json.loads(gl.share_line(lab))
    lab.set(lr_g=1e-4)
    lab.set(lr_g=1e-5)
    told = json.loads(gl.share_line(lab))
    assert told["changes"] == 2 and told["knobs"]["lr_g"] == 1e-5 and told["scores"] == {}


@pytest.mark.parametrize(
    ("stopped", "word"),
    [
        (None, None),
        (training.trouble({"step": 3, "loss": math.nan}), "not finite"),
        ("interrupted after step 3", "interrupted"),
        ("the loop ended by itself after step 3", "ended"),
    ],
)
def test_why_it_broke_off_is_told(lab, monkeypatch, stopped, word):
    monkeypatch.setattr(lab._bench, "stopped", stopped)
    assert json.loads(gl.share_line(lab))["stopped"] == word


def test_a_model_and_a_run_tell_with_help():
    data = ring(n=400)
    model = gan.GAN(data, seed=3, **SMALL)
    run = training.run(model.steps(data), 4)
    bare = json.loads(gl.share_line(model))
    assert (bare["data"], bare["step"], bare["scores"], bare["true_modes"]) == ("ring", 4, {}, None)
    assert json.loads(gl.share_line(model, scores={"mine": torch.tensor(1.23456).item()}))["scores"] == {"mine": 1.235}
    for told in (gl.share_line(run, model=model, data=data), gl.share_line(model, data=data)):
        told = json.loads(told)
        assert set(told["scores"]) == {"distance", "modes"} and told["true_modes"] == 8 and told["stopped"] is None
    run.stopped = "not finite at step 4: loss_d is nan"
    assert json.loads(gl.share_line(run, model=model))["stopped"] == "not finite"


def test_a_model_with_lost_weights_is_not_finite():
    data = ring(n=400)
    model = gan.GAN(data, seed=3, **SMALL)
    with torch.no_grad():
        for weight in [*model.generator.parameters(), *model.average.parameters()]:
            weight.fill_(math.nan)
    told = json.loads(gl.share_line(model, data=data))
    assert told["stopped"] == "not finite" and told["scores"] == {}


def test_data_of_many_modes_are_scored():
    data = ring(modes=150, n=4000)
    assert "modes" in json.loads(gl.share_line(gan.GAN(data, seed=1, **SMALL), data=data))["scores"]


def test_scores_are_rounded_and_only_finite_ones_told():
    model = gan.GAN(ring(n=400), seed=1)
    scores = {"a": 123456.0, "b": 8.0, "c": math.nan, "d": 1e-9 / 3, "e": math.inf, "f": 1.7976e308}
    assert json.loads(gl.share_line(model, scores=scores))["scores"] == {"a": 123500, "b": 8, "d": 3.333e-10}


@pytest.mark.parametrize(
    "name", ["x" * 5000, "é" * 300, '"\\' * 100, "\x1b[31m\n\u202e<b>", "\U0001d54f" * 80], ids=range(5)
)
def test_a_line_is_short_and_plain_whatever_the_names(name):
    data = Dataset(torch.randn(100, 2), name=name)
    model = gan.GAN(data, seed=2**63 - 1, lr_g=1 / 3, lr_d=1 / 7, r1=1 / 9, beta1=0.123456, beta2=0.7, gp=0.3, **SMALL)
    scores = {f"{i}{name[:30]}": 1 / (3 + i) for i in range(40)}
    text = gl.share_line(model, data=data, scores=scores)
    told = json.loads(text)
    assert len(text) <= 400 and text.isascii() and text.isprintable() and told["left_out"] > 0
    assert len(told["knobs"]) >= 2 and len(told["scores"]) >= 2  # neither crowds out the other
    (row,) = gl.collect(text).rows  # and is read again
    assert row["seed"] == 2**63 - 1 and gl.collect(text).unread == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (dict(run=3), "run is a int without a model: give a lab, a model, or a Run"),
        (dict(run=gan.GAN), "without a model"),
        (dict(run=training.Run([])), "run is a Run without a model: say model="),
        (dict(run=gan.GAN(ring(n=400), seed=[1, 2], **SMALL)), "a stack of 2 models"),
        (dict(run=None, data=[1], scores=[2]), "run is a NoneType .*; data is a list: .*; scores is a list: must be"),
        (dict(run=gan.GAN(ring(n=400), **SMALL), scores={"a": "b"}), "scores is a dict: must be a dict of numbers"),
    ],
)
def test_what_cannot_be_told(arguments, words):
    with pytest.raises(ValueError, match=words):
        gl.share_line(**arguments)


# -- what is found in a chat --------------------------------------------------------------------------------------------


def test_lines_are_found_among_chatter():
    chat = (
        f"Anna: {line(seed=1)}\r\n\r\nhas anybody {{else}} seen this?\r\n> Ben wrote: '{line(seed=2)}' !!\r\n"
        f'"{line(seed=3)}"\r\n`{line(seed=4)}`\u2028[10:31] Di {line(seed=5)} and {line(seed=6)}\n   {line(seed=7)}'
    )
    found = gl.collect(chat)
    assert [row["seed"] for row in found.rows] == [1, 2, 3, 4, 5, 6, 7] and found.unread == []
    assert [row["line"] for row in found.rows] == [1, 4, 5, 6, 7, 7, 8]
    assert gl.collect(chat.splitlines()).rows == found.rows == gl.collect(iter([chat])).rows


def test_typographic_quotes_are_undone():
    text = line().replace('"', "\u201d").replace(", ", ",\u00a0")
    assert gl.collect(f"\u201eAnna\u201c {text}").rows == gl.collect(line()).rows


def test_the_same_line_counts_once_and_the_same_run_is_told():
    found = gl.collect([line(), "Ben: " + line(), line().replace(": ", ":"), line(step=600), line(seed=2)])
    assert (len(found.rows), found.repeated, found.again) == (3, 2, 1)
    assert "Left out as the same as another line: 2." in found.sentence()
    assert "same seed and knobs): 1; they are no new chances" in found.sentence()
    unknown = gl.collect([line(seed=None), line(seed=None, step=600)])
    assert unknown.again == 0 and unknown.frame["seed"].isna().all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (line()[:60], "cut off or changed at character"),
        (line()[5:], "nothing begins with"),
        ("{'genlab.run': 1}", "nothing begins with"),
        ("{&quot;genlab.run&quot;:1}", "nothing begins with"),
        ('{"model": "GAN"}', "nothing begins with"),
        (line(**{"genlab.run": 2}), "its format is not version 1, which this genlab reads: install the newest"),
        (line(**{"genlab.run": True}), "its format is not version 1, which this genlab reads$"),
        (line(**{"genlab.run": "1"}), "not version 1"),
        (line(seed=-1, step=1.5), "seed must be a whole number or null; step must be a whole number$"),
        (line(seed=2**63), "seed must be"),
        (line(step=True), "step must be"),
        (line(step="out"), "step must be"),
        (line(model="x" * 61), "model must be a name of at most 60 characters"),
        (line(model=""), "model must be"),
        (line(data="\x1b[2J"), "data must be"),
        (line(data="\ud800"), "data must be"),
        (line(data=None), "data must be"),
        (line(true_modes=0), "true_modes must be"),
        (line(stopped="tired"), "stopped must be null or one of not finite, interrupted, ended"),
        (line(stopped=[]), "stopped must be"),
        (line(scores={"a": "b"}), "scores must be finite numbers by name"),
        (line(scores=[1]), "scores must be"),
        (line(scores={"a": math.nan}), "NaN is no number"),
        (line(scores={"a": -math.inf}), "-Infinity is no number"),
        (line(scores={"a": 7}).replace("7", "1e999"), "scores must be finite"),
        (line(scores={"a": True}), "scores must be"),
        (line(knobs={"a": {"b": 1}}), "knobs must be"),
        (line(knobs={"a": [1]}), "knobs must be"),
        (line(knobs={"a": "x" * 61}), "knobs must be"),
        ('{"genlab.run":1,"x":' + "[" * 3900, "nested too deeply|cut off or changed"),
        ('{"genlab.run":1,"x":' + "[" * 1900 + "]" * 1900 + "}", "nested too deeply|model must be"),
        (line(data="x" * 4000), "longer than 4,000 characters"),
        (line(scores={f"s{i}": i for i in range(95)}), "at most 100 different knobs and scores"),
    ],
)
def test_what_cannot_be_read_is_counted_with_its_line_and_reason(text, words):
    found = gl.collect(f"hello\nAnna: {text}\n{line()}")
    assert len(found.rows) == 1 and [number for number, _ in found.unread] == [2]
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(found.unread[0][1])
    assert f"Could not be read: 1 (line 2: {found.unread[0][1]})." in found.sentence()


def test_a_line_within_a_line_is_not_a_run():
    inner = json.loads(line(seed=5))
    assert [row["seed"] for row in gl.collect(line(extra=inner)).rows] == [1]
    assert gl.collect(line(step=-1, extra=inner)).rows == []


@pytest.mark.parametrize("text", ["{" + " " * 10**6, "{ " * 10**6, "{" * 10**6, "{&" * 10**6, "genlab.run " * 10**5])
def test_long_lines_of_anything_are_passed_over(text):  # in no time: a pattern that tries all ways would take days
    assert gl.collect(text + "x").rows == []


def test_huge_numbers_are_exact():
    rows = gl.collect([line(seed=2**63 - 1, scores={"a": 10**400}), line(seed=None)])
    assert rows.rows[0]["seed"] == rows.frame["seed"][0] == 2**63 - 1 and rows.rows[0]["a"] == 10**400
    assert rows.rate()["runs"].item() == 2


def test_a_score_does_not_replace_a_field():
    (row,) = gl.collect(line(scores={"model": 3, "line": 9, "seed": 4, "lr_g": 5})).rows
    assert (row["model"], row["line"], row["seed"], row["lr_g"]) == ("GAN", 1, 1, 5)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (3, "lines is a int: must be text, or a list of texts"),
        (None, "lines is a NoneType"),
        (b"{}", "lines is a bytes"),
        (["a", 3], r"lines\[1\] is a int: each must be text"),
        ("x" * 5_000_001, "5,000,001 characters, at most 5,000,000"),
        ("x\n" * 10_001, "more than 10,000 lines"),
        (("x" for _ in iter(int, 1)), "more than 10,000 lines"),  # without end
    ],
)
def test_what_cannot_be_collected(lines, words):
    with pytest.raises(ValueError, match="collect: .*" + words):
        gl.collect(lines)


# -- the rate -----------------------------------------------------------------------------------------------------------


def test_nine_of_thirty():
    found = gl.collect([line(modes=8 - (i < 9), seed=i) for i in range(30)])
    rate = found.rate().loc[("GAN", "ring of 8 modes")]
    assert rate[["runs", "counted", "failed", "share"]].tolist() == [30, 30, 9, 0.3]
    assert rate[["low", "high"]].tolist() == pytest.approx([0.1666, 0.4788], abs=1e-4)  # Wilson's, by hand
    assert repr(found) == found.sentence() == (
        "9 of 30 runs failed (30 %, interval 17 to 48 %): GAN on ring of 8 modes, step 500. "
        "Failed means: no longer finite, or fewer modes than there are."
    )  # fmt: skip


@pytest.mark.parametrize("failed", range(8))
def test_the_interval_is_that_of_the_wing_for_tables(failed):
    rate = gl.collect([line(modes=8 - (i < failed), seed=i) for i in range(7)]).rate().iloc[0]
    assert (rate["low"], rate["high"]) == pytest.approx(wilson(failed / 7, 7), abs=1e-6)


def test_the_rule_that_counts_without_being_told():
    cases = {
        line(modes=8): False,
        line(modes=7): True,
        line(modes=9): False,
        line(modes=8, stopped="not finite"): True,
        line(stopped="not finite", true_modes=None, scores={}): True,
        line(modes=8, stopped="interrupted"): False,
        line(step=0, modes=0): "has not learned yet",
        line(true_modes=None): "learned data whose modes are not known",
        line(scores={}): "has no score named 'modes'",
    }
    for text, verdict in cases.items():
        assert room.failed_by_default(gl.collect(text).rows[0]) == verdict
    found = gl.collect(list(cases))
    assert found.rate()[["runs", "counted", "failed"]].sum().tolist() == [9, 6, 3]
    words = (
        "says nothing about them: 1 has not learned yet, 1 learned data whose modes are not known, 1 has no score named"
    )
    assert words in found.sentence()


def test_a_rule_of_ones_own():
    found = gl.collect([line(seed=i, scores={"distance": i / 10}) for i in range(10)] + [line(seed=10, scores={})])
    assert found.rate(lambda row: row["distance"] > 0.65)[["runs", "counted", "failed"]].values.tolist() == [
        [11, 10, 3]
    ]
    text = found.sentence(lambda row: row["distance"] > 0.65)
    assert (
        text.startswith("3 of 10 runs failed (30 %") and "1 without 'distance'" in text and "Failed means" not in text
    )
    nobody = found.sentence(lambda row: None)
    assert nobody.startswith("no run counted: GAN") and "11 of which it gives None" in nobody
    assert found.rate(lambda row: None)[["counted", "low", "high"]].values.tolist() == [[0, 0, 1]]
    assert found.rate(lambda row: pd.Series([row["seed"] > 4])[0])["failed"].item() == 6  # NumPy's truth value
    found.rate(lambda row: row.clear() or True)  # a rule gets a row of its own
    assert found.rows[0]["model"] == "GAN"


@pytest.mark.parametrize(
    ("failed", "words"), [("modes", "failed is a str: must be a function"), (lambda row: 1, "failed gave 1: must be")]
)
def test_a_rule_that_cannot_be(failed, words):
    with pytest.raises(ValueError, match=words):
        gl.collect(line()).rate(failed)


def test_runs_of_different_kinds_are_not_pooled():
    kinds = [dict(), dict(model="VAE"), dict(data="grid"), dict(true_modes=5), dict(data="digits", true_modes=None)]
    found = gl.collect([line(modes=4, seed=i, **kind) for kind in kinds for i in range(3)] + [line(modes=4, step=900)])
    rates = found.rate()
    assert rates["runs"].tolist() == [4, 3, 3, 3, 3] and rates.index[0] == ("GAN", "ring of 8 modes")
    assert ("GAN", "ring of 5 modes") in rates.index and ("GAN", "digits") in rates.index
    text = found.sentence()
    assert text.startswith("Runs of different kinds are not pooled. 4 of 4 runs failed (100 %, interval 51 to 100 %)")
    assert "GAN on ring of 8 modes, step 500 to 900; " in text and "3 of 3 runs failed" in text
    many = gl.collect([line(data=f"d{i}") for i in range(50)])
    assert "; and 40 more kinds" in many.sentence() and many._repr_html_().count("<tr>") == 1 + 10


@pytest.mark.parametrize("lines", ["", [], "good morning\n\n", "2 {braces}"])
def test_a_room_without_runs(lines):
    found = gl.collect(lines)
    assert found.rows == [] and repr(found) == "No run to count." and "No run to count." in found._repr_html_()
    assert found.frame.empty and {"model", "seed"} <= set(found.frame) and found.rate().empty


def test_the_frame_has_a_row_a_run():
    frame = gl.collect([line(), line(seed=2, knobs={"beta": 2, "loss": "mine"}, scores={})]).frame
    assert frame.columns[:8].tolist() == "line model data seed step changes stopped true_modes".split()
    assert frame["seed"].tolist() == [1, 2] and frame["modes"].isna().tolist() == [False, True]
    assert frame["beta"].isna().tolist() == [True, False] and frame["loss"][1] == "mine"


def test_html_of_others_stays_text():
    found = gl.collect([line(model="<script>alert(1)</script>", data="<b>&"), '{"genlab.run":1,"<i>'])
    page = found._repr_html_()
    assert "<script>" not in page and "<b>" not in page and "<i>" not in page
    assert "&lt;script&gt;" in page and "&lt;b&gt;&amp;" in page


def test_the_examples_in_the_docstrings():
    for module in (sharing, room, reading, classroom):
        assert doctest.testmod(module).failed == 0
