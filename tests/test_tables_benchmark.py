"""The benchmark's own scores: what they give to tables whose worth is known, and what is stored of the peers."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from genlab import surveys

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def scores():
    spec = importlib.util.spec_from_file_location("scores", BENCHMARKS / "peers" / "scores.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with threadpool_limits(1):  # the boosted trees' threads wait for one another on a busy machine
        yield module


@pytest.fixture(scope="module")
def halves():
    df = surveys.survey().drop(columns=["race", "height"])
    order = np.random.default_rng(1).permutation(len(df))
    return [df.iloc[rows].reset_index(drop=True) for rows in (order[:1500], order[1500:3000], order[3000:4500])]


def test_known_tables_get_what_they_are_worth(scores, halves):
    train, holdout, fresh = halves
    rng = np.random.default_rng(2)
    apart = pd.DataFrame({name: train[name].array[rng.permutation(len(train))] for name in train})
    real, copy, floor = (scores.score(train, holdout, fake, "gender", 0) for fake in (fresh, train, apart))
    assert abs(real["discriminator"] - 0.5) < 0.06 and abs(real["share"] - 0.5) < 0.06 and real["utility"] > 0.95
    assert copy["share"] > 0.99 and copy["copies"] == 1 and copy["utility"] == 1 and copy["copies of holdout"] < 0.05
    assert floor["discriminator"] > 0.8 and floor["utility"] < 0.7 and abs(floor["share"] - 0.5) < 0.06
    assert abs(floor["shapes"] - copy["shapes"]) < 1e-3 and floor["pairs"] < real["pairs"] - 0.03


def test_kinds_of_holding_a_value_make_no_difference(scores, halves):
    train, holdout, fresh = (half.iloc[:400] for half in halves)
    other = fresh.assign(
        age=fresh["age"].astype("Int64"), grade=fresh["grade"].astype(str).where(fresh["grade"].notna())
    )
    first, second = (scores.score(train, holdout, fake, "gender", 0) for fake in (fresh, other[list(fresh)[::-1]]))
    assert first == second


def test_lost_missing_values_are_seen(scores, halves):
    _, holdout, fresh = halves
    full = fresh.assign(weight=fresh["weight"].fillna(fresh["weight"].median()))
    real, lost = (scores.encode(holdout, fake) for fake in (fresh, full))
    assert scores.discriminator(*lost, 0) > scores.discriminator(*real, 0) + 0.05
    assert scores.pairs(*lost) < scores.pairs(*real) - 0.005


def test_what_is_stored_of_the_peers_can_be_printed(scores):
    found = json.loads((BENCHMARKS / "peers.json").read_text("utf-8"))
    assert found["machine"] and found["outcomes"]
    cells = [(one["table"], one["peer"], one["split"]) for one in found["outcomes"]]
    assert len(set(cells)) == len(cells)
    for one in found["outcomes"]:
        assert one["versions"] and one["date"] and len(one["rows"]) == 16
        assert all(0 <= one[name] <= 1.2 for name in ("shapes", "pairs", "discriminator", "utility", "share", "copies"))
        assert 0 < one["fit"] and 0 < one["sample"] and one["wall"] > 0
