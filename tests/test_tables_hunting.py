"""The hunt for one person: who stands out is found where rare answers are kept, and nobody where the hunt has nothing to find."""

import os

import numpy as np
import pandas as pd
import pytest

import genlab as gl
from genlab import tables
from genlab.tables.hunting import LEVEL, MODELS, PART, _agree, _commonest, _interval, _right, _with
from genlab.tables.types import Column, Types

SURVEY, TYPES = tables.read(gl.datasets.read("survey.csv"), types=gl.datasets.read("survey.types.json"))
ROWS = SURVEY.sample(500, random_state=3).reset_index(drop=True)
COMMON = dict(
    age=16.0, gender="female", grade="10", hispanic="not Hispanic", race="White", height=1.63, weight=56.7,
    helmet_12m="never", text_while_driving_30d="0", physically_active_7d=5.0, hours_tv_per_school_day="2",
    strength_training_7d=3.0, school_night_hours_sleep="7",
)  # fmt: skip
RARE = COMMON | dict(height=1.47, weight=150.37)
KNOWN = ["age", "grade", "weight"]
FEW = dict(types=TYPES, seeds=1, copies=20)


@pytest.mark.parametrize("seed", [0, 1])
def test_who_stands_out_is_found_with_small_leaves_only(seed):
    hunt = tables.hunt(ROWS, RARE, KNOWN, random_state=seed, **FEW)
    found = hunt.answers["found"]
    assert hunt.sign == "weight" and found["small leaves and rare values", PART]
    assert not found["as shipped"].any() and not found["large leaves"].any()
    part = hunt.answers.loc[("small leaves and rare values", PART)]
    assert (
        part["without_you"] == 0 and 0.3 < part["with_you"] < 0.95
    )  # 1 - 1/e of files hold a value that one row of all has
    told = hunt.sentences()
    assert (
        "gives away that you took part" in told["small leaves and rare values"]
        and "150.37" in told["small leaves and rare values"]
    )
    assert "finds nothing that is due to you" in told["as shipped"]


def test_who_is_like_many_is_not_found():
    hunt = tables.hunt(ROWS, COMMON, ["age", "gender", "grade"], random_state=0, **FEW)
    assert not hunt.answers["found"].any() and len(hunt.answers) == 3 * 11
    assert "gives" not in hunt.sentence().replace("chance gives", "")


def test_a_secret_is_read_off_where_a_model_copies_and_not_from_one_without_relations():
    """Two levels cost a tree little: a single person against the rule gets a leaf, and a large leaf hides them."""
    rng = np.random.default_rng(0)
    age = rng.integers(20, 60, 400)
    df = pd.DataFrame({"age": age, "town": rng.choice(list("abc"), 400), "vote": np.where(age < 40, "left", "right")})
    types = Types([Column("age", "number"), Column("town", "category", tuple("abc"), declared=True, dtype="str"),
                   Column("vote", "category", ("left", "right"), declared=True, dtype="str")])  # fmt: skip
    df = df.astype({"town": "str", "vote": "str"})
    models = {"leaf": dict(min_leaf=1, rare=1), "none": dict(method="independent"), "large": dict(min_leaf=100)}
    hunt = tables.hunt(df, dict(age=95, town="a", vote="left"), ["age"], types=types, models=models, seeds=1, copies=40)
    votes = hunt.answers.xs("vote", level=1)
    assert votes.loc["leaf", "found"] and votes.loc["leaf", "with_you"] > votes.loc["leaf", "without_you"] + 0.4
    assert not votes.loc[["none", "large"], "found"].any()
    assert "your vote" in hunt.sentences()["leaf"] and "With the model leaf" in hunt.sentence()


def test_false_alarms_are_as_rare_as_said():
    rng = np.random.default_rng(1)
    alarms = [_interval(rng.integers(2, size=20) - rng.integers(2, size=20), 0.05)[0] > 0 for _ in range(2000)]
    assert np.mean(alarms) < 0.04  # one side of 5 %


def test_it_is_reproducible_and_leaves_everything_as_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before, ticks = ROWS.copy(), []
    small = dict(models={"m": {}}, types=TYPES, seeds=2, copies=2, random_state=5)
    one = tables.hunt(ROWS, RARE, KNOWN, progress=lambda *of: ticks.append(of), **small)
    two = tables.hunt(ROWS, RARE, KNOWN, **small)
    pd.testing.assert_frame_equal(one.answers, two.answers)
    pd.testing.assert_frame_equal(ROWS, before)
    assert ticks == [(i, 4) for i in (1, 2, 3, 4)] and os.listdir(tmp_path) == []
    assert one.rows == 500 and one.files == 4


def test_everything_wrong_is_said_at_once():
    wrong = dict(RARE, race="Martian", heigth=1.7, age=None)
    with pytest.raises(ValueError, match="no column 'heigth'") as error:
        tables.hunt(ROWS, wrong, ["age", "shoe"], types=TYPES, seeds=0)
    for part in ("'shoe'", "'age' has no answer", "seeds=0"):
        assert part in str(error.value)
    with pytest.raises(ValueError, match="'Martian'"):
        tables.hunt(ROWS, dict(RARE, race="Martian"), KNOWN, types=TYPES)
    with pytest.raises(ValueError, match=r"age.*are no numbers"):
        tables.hunt(ROWS, dict(RARE, age="old"), ["grade"], types=TYPES)
    with pytest.raises(ValueError, match="knows everything"):
        tables.hunt(ROWS, RARE, list(ROWS), types=TYPES)
    with pytest.raises(ValueError, match="must be a dict"):
        tables.hunt(ROWS, [1], KNOWN, types=TYPES)


def test_agreement_counts_the_more_the_rarer():
    ages = pd.Series([16.0] * 8 + [90.0, np.nan])
    share, same = _agree(ages, pd.Series([90.0]), Column("age", "number"))
    assert share[8] == 0.1 and same.tolist() == [False] * 8 + [True, False] and share[9] == 1
    share, _ = _agree(ages, pd.Series([16.0]), Column("age", "number"))
    assert share[0] == 0.8 and share[8] == 0.9
    towns = Column("town", "category", ("a", "b"))
    share, same = _agree(pd.Series(["a", "b", "b", None], dtype=object), pd.Series(["b"], dtype=object), towns)
    assert share.tolist() == [1, 0.5, 0.5, 1] and same.tolist() == [False, True, True, False]
    coded = Column("income", "number", missing=(-8,))
    assert _right(pd.Series([-8, 5, 6]), pd.Series([-8]), coded).tolist() == [True, False, False]


def test_numbers_are_guessed_where_they_are_near_by_rank():
    heights = pd.Series(np.arange(1000.0))
    right = _right(heights, pd.Series([500.0]), Column("height", "number"))
    assert 48 <= right.sum() <= 52 and right[500] and right[480] and not right[440]
    assert _commonest(heights, Column("height", "number")) == "499"


@pytest.mark.parametrize(
    ("series", "value"),
    [
        (pd.Series([1, 2]), None), (pd.Series([True, False]), None), (pd.Series([1, 2], dtype="uint8"), None),
        (pd.Series(["a", "b"], dtype="category"), "b"), (pd.Series(["a", "b"], dtype="str"), None),
        (pd.to_datetime(pd.Series(["2024-01-01"])), pd.Timestamp("2025-02-03")), (pd.Series([1.5]), float("nan")),
    ],
)  # fmt: skip
def test_one_more_cell_keeps_the_kind_of_the_column(series, value):
    longer = _with(series, value)
    assert len(longer) == len(series) + 1 and str(longer.dtype).lower() == {"bool": "boolean"}.get(
        str(series.dtype), str(series.dtype)
    )
    assert pd.isna(longer.iloc[-1]) if value is None or value != value else longer.iloc[-1] == value


def test_dates_gaps_ids_and_texts():
    rng = np.random.default_rng(2)
    df = pd.DataFrame({
        "person": np.arange(300), "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 50, 300), unit="D"),
        "children": rng.integers(0, 4, 300), "said": [f"word {i} and more of them, {i}" for i in range(300)],
    })  # fmt: skip
    hunt = tables.hunt(
        df, {"day": pd.Timestamp("2025-06-01"), "children": None}, "day", models={"m": dict(rare=1)}, copies=3
    )
    assert hunt.answers.index.get_level_values(1).tolist() == [PART, "children"]
    assert hunt.answers["yours"].tolist() == ["2025-06-01", "no answer"]


def test_its_page_escapes_and_speaks():
    evil = "<img src=x onerror=alert(1)>"
    rng = np.random.default_rng(3)
    df = pd.DataFrame({evil: rng.choice(["a", evil], 200), "age": rng.integers(18, 60, 200)})
    page = tables.hunt(df, {evil: evil, "age": 99}, ["age"], models={evil: dict(rare=1)}, copies=4)._repr_html_()
    assert "<img" not in page and "&lt;img" in page and 'scope="row"' in page
    assert set(MODELS) == {"small leaves and rare values", "as shipped", "large leaves"}


@pytest.mark.parametrize("files", [2, 3, 4, 10])
def test_few_files_promise_little(files):
    level, rng = LEVEL / 5, np.random.default_rng(0)
    low, high = _interval(np.zeros(files), level)
    assert high == -low >= min(1, 3 / files)
    draws = rng.integers(0, 2, (20_000, files)) - rng.integers(0, 2, (20_000, files))
    assert np.mean([_interval(row, level)[0] > 0 for row in draws.astype(float)]) <= level / 2 + 0.002
