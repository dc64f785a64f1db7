"""The lab's pictures of a VAE and of an autoregressive model: what they show, and the questions that they take."""

import numpy as np
import pytest
import torch

import genlab as gl
from genlab.lab import frames

DIGITS, NAMES = gl.datasets.digits(), gl.datasets.names()


def map_lab(**knobs):
    return gl.Lab(gl.VAE(DIGITS, latent_dim=2, hidden=16, likelihood="discretised logistic", seed=1, **knobs), DIGITS)


def text_lab(network="mlp", **knobs):
    return gl.Lab(gl.Autoregressive(NAMES, network=network, hidden=16, seed=1, **knobs), NAMES)


def frame(lab):
    return frames.unpack(lab._bench.stage.frame)


def ask(lab, **question):
    lab._bench.stage._handle_custom_msg({"ask": question}, [])


@pytest.mark.parametrize("make", [map_lab, text_lab, lambda: text_lab("transformer", heads=2)])
def test_looking_and_asking_never_change_learning(make):
    lab = make()
    plain = gl.run(lab.model.steps(lab.data), steps=12).history
    lab = make()
    lab.run(5)
    lab.snapshot()
    ask(lab, way=[[0, 0], [1, 1]])  # one of the two is a question for it, the other is refused
    ask(lab, prefix="an", temperature=0.5)
    history = lab.run(7)
    assert history[list(plain)].equals(plain)


def test_the_map_shows_codes_and_decodes_a_way():
    lab = map_lab()
    lab.run(30)
    ask(lab, way=[[-1, 0.5], [1, -0.5]])
    numbers, arrays = frame(lab)
    view = lab._bench.screen.picture
    assert numbers["way"] == [[-1, 0.5], [1, -0.5]] and numbers["unit"] == "nats a row"
    assert [curve["name"] for curve in numbers["losses"]] == ["elbo", "reconstruction", "kl"]
    means, _ = lab.model.encode(DIGITS.x[view.rows])
    assert np.allclose(arrays["places"], means, atol=1e-6)
    ends = lab.model.decode(torch.tensor([[-1, 0.5], [1, -0.5]]))
    assert np.array_equal(arrays["images"][[0, -1], ..., 0], (ends[:, 0] / 16 * 255).round().byte().numpy())
    scene, still = frames.unpack(lab._bench.stage.scene)
    assert scene["labelled"] and np.array_equal(still["labels"], DIGITS.y[view.rows])
    assert len(lab._bench.stage.frame) < 6000
    assert lab.status.startswith("step 30: ELBO -") and "300 points drawn as their labels" in lab.snapshot().alt


def test_the_map_grows_with_the_codes():
    lab = map_lab()
    with torch.no_grad():
        for weight in lab.model.encoder.parameters():
            weight.mul_(8)
    ask(lab, way=[[0, 0], [0, 0]])
    numbers, arrays = frame(lab)
    assert numbers["bounds"][1] > 3 and (np.abs(arrays["places"]) <= numbers["bounds"][1]).mean() > 0.97


def test_a_conditional_map_decodes_the_label_that_is_asked_for():
    lab = map_lab(conditional=True)
    lab.run(5)
    before = frame(lab)[1]["images"]
    ask(lab, label=7)
    numbers, arrays = frame(lab)
    assert numbers["label"] == 7 and not np.array_equal(before, arrays["images"])


@pytest.mark.parametrize(
    ("make", "question", "words"),
    [
        (map_lab, dict(way=[[0, 0]]), "ask for way="),
        (map_lab, dict(way=[[0, 0], [0, float("nan")]]), "ask for way="),
        (map_lab, dict(way=[[0, 0], [0, 1e9]]), "ask for way="),
        (map_lab, dict(label=3), "ask for way="),
        (map_lab, {}, "ask for way="),
        (text_lab, dict(prefix="a1"), "'1' not among the symbols"),
        (text_lab, dict(prefix="a" * 12), "at most 11 fit"),
        (text_lab, dict(prefix="an."), "ends a row"),
        (text_lab, dict(prefix=3), "must be text"),
        (text_lab, dict(temperature=0), "temperature=0: must be a number above 0"),
        (text_lab, dict(temperature="hot"), "temperature='hot'"),
        (text_lab, dict(temperature=50), "at most 5 here"),
        (text_lab, dict(label=1), "label=1"),
        (text_lab, dict(way=1), "ask for prefix, temperature, label"),
        (lambda: gl.Lab(gl.GAN(DIGITS, hidden=16, seed=1), DIGITS), dict(way=1), "takes no questions"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told_and_changes_nothing(make, question, words):
    lab = make()
    shown = lab._bench.screen.picture.look()[0]
    ask(lab, **question)
    assert words in lab.status
    assert lab._bench.screen.picture.look()[0] == shown and not lab.running
    lab.run(1)  # nothing is raised later


def test_texts_show_the_odds_of_what_follows():
    lab = text_lab("transformer", heads=2, layers=2)
    lab.run(5)
    ask(lab, prefix="mar", temperature=0.7)
    numbers, arrays = frame(lab)
    assert (numbers["prefix"], numbers["temperature"], numbers["unit"]) == ("mar", 0.7, "bits a symbol")
    assert np.allclose(arrays["odds"], lab.model.next("mar", temperature=0.7), atol=1e-6)
    assert arrays["attention"].shape == (2, 4) and np.allclose(arrays["attention"].sum(1), 1, atol=1e-5)
    expected = lab.model.text(lab.model.sample(8, seed=20, temperature=0.7))
    assert numbers["texts"] == expected
    assert "bits a symbol, pairs" in lab.status and "Bar chart" in lab.snapshot().alt


def test_texts_are_written_anew_only_when_something_has_changed(monkeypatch):
    lab = text_lab("gru")
    calls = []
    sample = lab.model.sample
    monkeypatch.setattr(lab.model, "sample", lambda *args, **options: calls.append(args) or sample(*args, **options))
    for prefix in ("m", "ma", "mar"):
        ask(lab, prefix=prefix)
    assert not calls
    ask(lab, temperature=2.0)
    assert len(calls) == 1
    assert "attention" not in frame(lab)[1]


def test_images_drawn_pixel_by_pixel_and_long_texts_are_shown_in_small_numbers():
    model = gl.Autoregressive(DIGITS, **gl.autoregressive.RECIPES["digits"] | dict(hidden=8, layers=1), seed=1)
    lab = gl.Lab(model, DIGITS)
    assert frame(lab)[1]["made"].shape == (20, 8, 8, 1)
    assert len(lab._bench.screen.picture.scored()) == 125
    prose = gl.datasets.prose()
    lab = gl.Lab(gl.Autoregressive(prose, network="counts", seed=1), prose)
    assert len(frame(lab)[0]["texts"]) == 7


def test_a_costly_picture_comes_less_often():
    lab = text_lab()
    screen = lab._bench.screen
    screen.shown, screen.took = -1, 10.0
    assert not screen.due(5)
    screen.took = 0.0
    screen.sent = 0.0
    assert screen.due(5)
