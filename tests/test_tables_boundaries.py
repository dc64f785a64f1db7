"""Rows at the edges: each edge once, all pairs once, skip patterns kept, and problems come at once."""

import itertools

import numpy as np
import pandas as pd
import pytest

from genlab import tables
from genlab.tables.types import Column, Types

LEVELS = ("never", "often", "always")


@pytest.fixture(scope="module")
def model():
    """A table with every kind of column, a skip pattern (who does not ride has no helmet), gaps and a code."""
    rng, n = np.random.default_rng(0), 600
    rides = rng.random(n) < 0.6
    df = pd.DataFrame(
        {
            "key": [f"p{i}" for i in range(n)],
            "age": rng.integers(12, 19, n),
            "rides": np.where(rides, "yes", "no"),
            "helmet": pd.Series(rng.choice(LEVELS[:2], n)).where(rides),
            "gain": np.where(rng.random(n) < 0.1, -999.0, np.round(rng.normal(0, 5, n), 2)),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 100, n), unit="D"),
            "sleep": pd.Series(rng.integers(4, 10, n)).where(rng.random(n) < 0.9).astype("Int64"),
        }
    )
    types = Types(
        [
            Column("key", "id", dtype="str"),
            Column("age", "number", dtype="int64"),
            Column("rides", "category", levels=("no", "yes"), dtype="str"),
            Column("helmet", "ordinal", levels=LEVELS, declared=True, dtype="str"),
            Column("gain", "number", missing=(-999,), dtype="float64", step=0.01),
            Column("day", "date", dtype="datetime64[us]", step=86400),
            Column("sleep", "number", dtype="Int64"),
        ]
    )
    return tables.Synthesizer(random_state=1).fit(df.astype({"day": "datetime64[us]"}), types=types), df


def skip_holds(made):
    return ((made["rides"] == "yes") == made["helmet"].notna()).all()


def test_each_edge_has_a_row(model):
    model, df = model
    made = tables.edges(model, random_state=2)
    assert made.columns.equals(df.columns) and (made.dtypes == model.sample(5).dtypes).all() and skip_holds(made)
    assert made["key"].is_unique
    assert {
        "age=12",
        "age=18",
        "rides='no'",
        "helmet=None",
        "helmet='always'",
        "gain=-999",
        "gain=0",
        "sleep=None",
    } <= {label.replace("0.0", "0") for label in made.index}
    assert made.loc["age=12", "age"] == 12 and made.loc["helmet='always'", "helmet"] == "always"
    assert made.loc["helmet=None", "rides"] == "no" and pd.isna(made.loc["sleep=None", "sleep"])
    assert made.loc[made.index.str.startswith("gain=-999"), "gain"].item() == -999
    days = made.loc[made.index.str.startswith("day="), "day"]
    assert len(days) == 2 and df["day"].min() <= days.min() < days.max() <= df["day"].max()


def test_edges_together_are_all_pairs_that_may_be(model):
    model, _ = model
    single, pairs = tables.edges(model, random_state=2), tables.edges(model, together=2, random_state=2)
    of = [label.partition("=")[0] for label in single.index]
    possible = sum(a != b for a, b in itertools.combinations(of, 2))
    assert possible - len(pairs) == 4 and skip_holds(pairs)  # no and three levels; yes and none is ruled out as well
    assert pairs.index.is_unique and "age=12, sleep=None" in pairs.index
    row = pairs.loc["age=18, helmet='always'"]
    assert row["age"] == 18 and row["helmet"] == "always" and row["rides"] == "yes"


def test_limits_are_written_and_the_rest_is_as_made(model):
    model, _ = model
    made = tables.edges(model, limits={"age": (0, 120), "sleep": (1, 24)}, random_state=2)
    assert made.loc["age=120", "age"] == 120 and made.loc["age=0", "age"] == 0 and made["age"].dtype == np.int64
    assert made.loc["sleep=24", "sleep"] == 24 and made["sleep"].dtype == "Int64" and skip_holds(made)
    pd.testing.assert_frame_equal(made, tables.edges(model, limits={"age": (0, 120), "sleep": (1, 24)}, random_state=2))


def test_a_loaded_model_and_an_empty_one_have_edges(model, tmp_path):
    model, _ = model
    model.save(tmp_path / "model")
    again = tables.edges(tables.Synthesizer.load(tmp_path / "model"), random_state=2)
    assert list(again.index) == list(tables.edges(model, random_state=2).index) and skip_holds(again)
    only_ids = Types([Column("key", "id", dtype="str")])
    none = tables.edges(tables.Synthesizer().fit(pd.DataFrame({"key": [f"p{i}" for i in range(20)]}), types=only_ids))
    assert len(none) == 0 and list(none.columns) == ["key"]


def test_problems_are_listed_at_once(model):
    model, _ = model
    with pytest.raises(ValueError, match="4 problem") as error:
        tables.edges(model, together=3, limits={"rides": (0, 1), "age": (9, 1), "sleep": (0.5, 24)})
    for words in ("together=3", "'rides' is no number column", "'age' has (9, 1)", "holds whole numbers"):
        assert words in str(error.value)
    with pytest.raises(ValueError, match="2 problem"):
        tables.edges(model, together=True, limits={"age": (1, 10**400)})
    with pytest.raises(ValueError, match="must be a dict"):
        tables.edges(model, limits=[1])
    with pytest.raises(ValueError, match="needs a fitted Synthesizer"):
        tables.edges(pd.DataFrame())


def test_too_many_pairs_are_refused(model, monkeypatch):
    monkeypatch.setattr("genlab.tables.boundaries.MOST", 20)
    with pytest.raises(ValueError, match="at most 20: learn fewer columns"):
        tables.edges(model[0], together=2)


def test_texts_keep_to_the_length_and_one_has_it():
    every = tables.edge_texts()
    assert len(set(every)) == len(every) and {"", "a,b", "O'Brien", "=1+1", "Nan"} <= set(every)
    short = tables.edge_texts(3)
    assert max(map(len, short)) == 3 and "xxx" in short and "O'Brien" not in short and len(set(short)) == len(short)
    assert tables.edge_texts(0) == [""]
    for wrong in (-1, 2.5, True, 10**7):
        with pytest.raises(ValueError, match="longest="):
            tables.edge_texts(wrong)


@pytest.mark.parametrize("method", ["independent", "autoregressive", "vae"])
def test_every_method_has_edges(model, method):
    learned, df = model
    other = tables.Synthesizer(method, random_state=1).fit(df.head(200), types=learned.types_)
    made = tables.edges(other, random_state=2)
    assert list(made["age"].head(2)) == [12, 18] and set(LEVELS) <= set(made["helmet"].dropna())
