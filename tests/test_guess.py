"""gl.guess without a browser: what is asked, what is sent, and that the classifier beside the reader is honest."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

import genlab as gl
from genlab.lab import frames

RING = gl.datasets.ring(n=1500, seed=1)
DIGITS = gl.datasets.digits()
NAMES = gl.datasets.names()


def people(n, seed, shift=0.0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"age": rng.integers(18, 90, n), "town": rng.choice(["A", "B", None], n), "x": rng.normal(shift, 1, n)}
    )


KINDS = {
    "points": lambda: (RING, gl.datasets.ring(n=1500, seed=9).x),
    "images": lambda: (DIGITS, gl.datasets.digits("test").x),
    "texts": lambda: (NAMES, gl.datasets.names("test").text),
    "rows": lambda: (people(300, 1), people(300, 2)),
}


def tell(game, **message):
    game._booth._handle_custom_msg(message, [])


def pair(game):
    return frames.unpack(game._booth.pair)


@pytest.mark.parametrize("kind", KINDS)
def test_a_game_to_its_end(kind):
    game = gl.guess(*KINDS[kind](), rounds=5, seed=3)
    assert (
        game.score == (0, 0)
        and math.isnan(game.rate)
        and game.interval == (0, 1)
        and game.sentence() == "no answer yet"
    )
    for side in ("left", "right", "left", "left", "right"):
        numbers, _ = pair(game)
        assert numbers["kind"] == kind
        game.answer(side)
    right, asked = game.score
    assert asked == 5 and game.done and right == game.history["right"].sum() and len(game.history) == 5
    assert ((game.history["made"] == game.history["answer"]) == game.history["right"]).all()
    assert 0.3 < game.auc < 0.7  # of rows that are alike nobody can tell
    assert f"right on {right} of 5 pairs" in game.sentence() and f"{game.auc:.0%}" in game.sentence()
    assert game._booth.told == {"done": True}
    with pytest.raises(ValueError, match="all 5 pairs are answered"):
        game.answer("left")


@pytest.mark.parametrize(
    ("real", "fake"),
    [
        (RING, RING.x + torch.tensor([0.3, 0.0])),
        (DIGITS, DIGITS.x.flip(3)),
        (NAMES, ["q" + name[::-1] for name in NAMES.text]),
        (people(400, 1), people(400, 2, shift=3)),
    ],
)
def test_the_classifier_tells_what_can_be_told(real, fake):
    assert gl.guess(real, fake, rounds=5).auc > 0.9


def test_it_never_judges_rows_that_it_has_learned():
    noise = torch.randn(200, 2, 64, generator=torch.Generator().manual_seed(0))
    real, fake = (
        noise[:, 0].reshape(-1, 1, 8, 8),
        noise[:, 1].reshape(-1, 1, 8, 8),
    )  # nothing to tell, easy to learn by heart
    assert abs(gl.guess(real, fake, rounds=5).auc - 0.5) < 0.15


def test_the_side_of_the_made_one_is_in_the_pair_and_told_only_after_the_answer():
    game = gl.guess(DIGITS, torch.full((100, 1, 8, 8), 7.0), rounds=12, seed=4)
    sides = []
    for number in range(1, 13):
        numbers, arrays = pair(game)
        assert "made" not in str(numbers) and game._booth.told == {}
        grey = [name for name in ("left", "right") if (arrays[f"{name}/rows"] == arrays[f"{name}/rows"].flat[0]).all()]
        sides += grey
        tell(game, answer="left", round=number)
        assert game._booth.told == {"made": grey[0], "answer": "left"}
        assert game._booth.status.startswith("Right" if grey == ["left"] else "Wrong")
        tell(game, next=number)
    assert sides == game.history["made"].tolist() and {"left", "right"} == set(sides)
    assert game.score[0] == sides.count("left") and game.done


def test_echoes_and_nonsense_count_for_nothing():
    game = gl.guess(*KINDS["rows"](), rounds=5)
    tell(game, answer="left", round=1)
    tell(game, answer="right", round=1)  # a second click
    tell(game, answer="right", round=2)  # before the next pair is there
    assert game.score[1] == 1
    for message in (dict(next=2), dict(answer="up", round=1), dict(answer=["left"], round=1), dict(next="1"), {}):
        tell(game, **message)
    assert game.score[1] == 1 and pair(game)[0]["round"] == 1
    tell(game, next=1), tell(game, next=1)
    assert pair(game)[0]["round"] == 2


def test_the_same_seed_gives_the_same_pairs_and_no_row_comes_twice():
    first, second, other = (gl.guess(*KINDS["images"](), rounds=30, seed=seed) for seed in (1, 1, 2))
    assert first._booth.pair == second._booth.pair != other._booth.pair
    for rows in first._rows:
        assert len(np.unique(rows)) == 30


def test_clouds_are_asked_of_points():
    numbers, arrays = pair(gl.guess(*KINDS["points"](), rounds=3))
    assert arrays["left/rows"].shape == (60, 2) and numbers["left"]["bounds"] == numbers["right"]["bounds"]


def test_text_and_cells_are_sent_as_they_are():
    evil = "<img src=x onerror=alert(1)>"
    game = gl.guess([evil] * 20, ["b"] * 20, rounds=2)
    assert evil in str(pair(game)[0])  # as text; the page never reads it as HTML
    wide = pd.DataFrame({f"c{i}": range(20) for i in range(40)})
    numbers, _ = pair(gl.guess(wide, wide, rounds=2))
    assert len(numbers["left"]["cells"]) == 24 and numbers["left"]["more"] == 16


@pytest.mark.parametrize(
    ("real", "fake", "options", "message"),
    [
        (RING, DIGITS, {}, "alike"),
        (RING, ["a", "b"], {}, "real are numbers, fake are texts"),
        (people(300, 1), people(300, 1)[["age"]], {}, "fake lacks the column"),
        (people(3, 1), people(300, 1), {}, "real has 3 rows"),
        (RING, torch.full((1500, 2), math.nan), {}, "finite|NaN"),
        (torch.rand(500, 1), torch.rand(500, 1), {}, "points are"),
        (torch.rand(5, 3), torch.rand(4, 2), {}, r"3 problem\(s\)"),
        (["a"] * 50, torch.rand(50, 3), {}, "pass fake as texts too"),
        (RING, RING, dict(rounds=0), "rounds=0"),
        (RING, RING, dict(rounds=500, seed=-1), "rounds=500.*seed=-1"),
    ],
)
def test_what_cannot_be_compared_says_why(real, fake, options, message):
    with pytest.raises(ValueError, match=message):
        gl.guess(real, fake, **options)


def test_what_is_no_rows_at_all_says_why():
    with pytest.raises(TypeError, match="real=int 3: give a Dataset"):
        gl.guess(3, RING)
    with pytest.raises(ValueError, match="side='up'"):
        gl.guess(RING, RING, rounds=2).answer("up")
