"""Fidelity: bounds, what a copy scores, what the order of rows does (nothing), and that intervals and AUCs are right."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from sklearn.metrics import roc_auc_score

from genlab.tables.evaluation import fidelity
from genlab.tables.evaluation.learners import auc, features, one_hot
from genlab.tables.evaluation.scales import on_common_scales
from genlab.tables.types import Column, Types

TYPES = Types(
    [
        Column("income", "number", missing=(-8, "refused")),
        Column("day", "date"),
        Column("mood", "ordinal", levels=("low", "middle", "high"), missing=("don't know",), declared=True),
        Column("town", "category", levels=("A", "B", "C", "D")),
        Column("vote", "boolean", levels=(False, True)),
        Column("note", "text"),
    ]
)
MEASURES = {
    "shapes": fidelity.shapes,
    "pairs": fidelity.pairs,
    "missingness": fidelity.missingness,
    "rare levels": fidelity.rare_levels,
    "coverage": fidelity.coverage,
}


def table(seed, n, gaps=0.1):
    """Rows with all kinds of cells, gaps among them."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    income = np.round(z * 100 + 500).astype(object)
    income[rng.random(n) < gaps] = -8
    income[rng.random(n) < gaps / 2] = "refused"
    mood = np.array(["low", "middle", "high", "don't know"])[np.clip(np.round(z + 1), 0, 3).astype(int)]
    frame = pd.DataFrame(
        {
            "income": income,
            "day": pd.Timestamp("2024-03-01") + pd.to_timedelta(rng.integers(0, 60, n), unit="D"),
            "mood": mood,
            "town": rng.choice(list("ABCD"), n, p=[0.5, 0.3, 0.17, 0.03]),
            "vote": z + rng.normal(size=n) > 0,
            "note": [f"note {i}" for i in range(n)],
        }
    )
    holes = rng.random(frame.shape) < gaps
    return frame.astype(object).mask(holes)


tables = st.builds(table, st.integers(0, 10**6), st.integers(20, 80), st.sampled_from([0.0, 0.1, 0.9, 1.0]))


def value(measure, train, fake):
    coded = on_common_scales(TYPES, train, fake=fake)
    return measure(coded["train"], coded["fake"])[0]


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
@settings(max_examples=15, deadline=None)
@given(train=tables, fake=tables, seed=st.integers(0, 99))
def test_scores_stay_in_bounds_and_do_not_know_the_order_of_rows(measure, train, fake, seed):
    score = value(measure, train, fake)
    if np.isnan(score.value):
        assert np.isnan(score.low) and np.isnan(score.high)
        return
    assert 0 <= score.low <= score.value + 1e-12 <= score.high + 2e-12 <= 1 + 3e-12
    moved = fake.sample(frac=1, random_state=seed)
    assert value(measure, train, moved) == pytest.approx(score, abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
@settings(max_examples=15, deadline=None)
@given(train=tables)
def test_a_copy_scores_one(measure, train):
    score = value(measure, train, train.sample(frac=1, random_state=1))
    assert np.isnan(score.value) or score.value == 1


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), atoms=st.integers(0, 4), ordered=st.integers(0, 5))
def test_the_distance_is_the_largest_over_all_events(seed, atoms, ordered):
    if not atoms + ordered:
        return
    rng = np.random.default_rng(seed)
    real, fake = rng.dirichlet(np.ones(atoms + ordered), size=2)
    ranks = np.arange(ordered)
    lines = [ranks < cut for cut in range(ordered + 1)] + [ranks >= cut for cut in range(ordered + 1)]
    events = [np.r_[free, line] for free in itertools.product([False, True], repeat=atoms) for line in lines]
    events = [event.astype(bool) for event in events]
    far, event = fidelity.distance(real, fake, atoms)
    assert far == pytest.approx(max(abs(real[e].sum() - fake[e].sum()) for e in events))
    assert real[event].sum() - fake[event].sum() == pytest.approx(far)


def test_numbers_are_scored_by_kolmogorov_and_smirnov_and_levels_by_total_variation():
    rng = np.random.default_rng(0)
    train = pd.DataFrame({"x": rng.normal(size=500), "c": rng.choice(list("ab"), 500)})
    fake = pd.DataFrame({"x": rng.normal(0.3, 1, size=400), "c": rng.choice(list("ab"), 400, p=[0.8, 0.2])})
    types = Types([Column("x", "number"), Column("c", "category", levels=("a", "b"))])
    coded = on_common_scales(types, train, fake=fake)
    by_column = fidelity.shapes(coded["train"], coded["fake"])[1]
    assert by_column["x"] == pytest.approx(1 - ks_2samp(train["x"], fake["x"]).statistic)
    assert by_column["c"] == pytest.approx(1 - abs((train["c"] == "a").mean() - (fake["c"] == "a").mean()))


def test_an_order_makes_near_levels_nearer():
    levels = ("never", "seldom", "often", "always")
    train = pd.DataFrame({"q": ["never"] * 50 + ["often"] * 50})
    near, far = train.replace("never", "seldom"), train.replace("often", "never").replace("never", "always")
    scores = {}
    for kind in ("ordinal", "category"):
        types = Types([Column("q", kind, levels=levels, declared=True)])
        scores[kind] = [value_of(types, train, fake) for fake in (near, far)]
    assert scores["ordinal"] == [0.5, 0.0] and scores["category"] == [0.5, 0.0]
    spread = pd.DataFrame({"q": ["seldom"] * 25 + ["never"] * 25 + ["often"] * 25 + ["always"] * 25})
    ordered, free = (Types([Column("q", kind, levels=levels, declared=True)]) for kind in ("ordinal", "category"))
    assert value_of(ordered, train, spread) == 0.75 > value_of(free, train, spread) == 0.5


def value_of(types, train, fake):
    coded = on_common_scales(types, train, fake=fake)
    return fidelity.shapes(coded["train"], coded["fake"])[0].value


def test_lost_gaps_and_wrong_units_are_seen():
    train = table(1, 2000, gaps=0.2)
    coded = on_common_scales(
        TYPES,
        train,
        same=table(2, 2000, gaps=0.2),
        filled=table(2, 2000, gaps=0.0),
        tens=train.assign(income=[x * 10 if isinstance(x, float) else x for x in train["income"]]),
    )
    income = {
        name: fidelity.shapes(coded["train"], coded[name])[1]["income"] for name in coded if name not in ("train",)
    }
    assert income["same"] > 0.93 and income["filled"] < 0.65 and income["tens"] < 0.6
    square = {name: fidelity.pairs(coded["train"], coded[name])[1] for name in ("same", "filled", "tens")}
    assert all(
        square["same"].loc["income", "vote"] - square[bad].loc["income", "vote"] > 0.2 for bad in ("filled", "tens")
    )
    gaps = {name: fidelity.missingness(coded["train"], coded[name])[0].value for name in ("same", "filled", "tens")}
    assert gaps["same"] > 0.85 and gaps["filled"] < 0.15 and gaps["tens"] > 0.8


def test_who_has_gaps_counts_beside_how_many():
    rng = np.random.default_rng(3)
    old, other = rng.random(3000) < 0.5, rng.random(3000) < 0.5
    types = Types([Column("income", "number"), Column("old", "boolean", levels=(False, True))])
    made = lambda gone: pd.DataFrame({"income": np.where(gone, np.nan, rng.normal(size=3000)), "old": old})
    coded = on_common_scales(types, made(old & (rng.random(3000) < 0.2)), same=made(old & (rng.random(3000) < 0.2)),
                             others=made(other & (rng.random(3000) < 0.2)))  # fmt: skip
    score = {name: fidelity.missingness(coded["train"], coded[name])[0].value for name in ("same", "others")}
    assert score["same"] > 0.85 and score["others"] < score["same"] - 0.2


def test_a_lost_rare_level_scores_nothing_for_itself():
    train = table(4, 3000, gaps=0.0)
    coded = on_common_scales(TYPES, train, fake=train.assign(town=train["town"].replace("D", "A")))
    score, levels = fidelity.rare_levels(coded["train"], coded["fake"])
    kept = levels.set_index(["column", "level"])["kept"]
    assert kept[("town", "D")] == 0 and (kept.drop(("town", "D")) == 1).all()
    assert score.value == pytest.approx(kept.mean())
    assert fidelity.coverage(coded["train"], coded["fake"])[1]["town"] == 0.75


@pytest.mark.parametrize("name", ["shapes", "pairs", "missingness"])
def test_intervals_are_as_wide_as_the_spread_of_new_draws(name):
    train = table(5, 4000)
    found = [value(MEASURES[name], train, table(seed, 300)) for seed in range(60)]
    spread, said = np.std([s.value for s in found]), np.mean([(s.high - s.low) / 2 for s in found]) / fidelity.Z
    assert 0.8 < said / spread < 2.2  # too wide where cells are many, never much too narrow


# -- the discriminator ------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), ties=st.booleans())
def test_the_area_is_scikit_learns(seed, ties):
    rng = np.random.default_rng(seed)
    truth, guess = rng.random(50) < 0.4, rng.normal(size=50)
    guess = np.round(guess) if ties else guess
    if truth.all() or not truth.any():
        return
    area, part = auc(truth, guess)
    assert area == pytest.approx(roc_auc_score(truth, guess))
    assert part.mean() == pytest.approx(0, abs=1e-12)


def test_the_error_of_the_area_is_that_of_new_draws():
    rng = np.random.default_rng(0)
    areas, errors = [], []
    for _ in range(400):
        truth = rng.random(200) < 0.3
        area, part = auc(truth, truth + rng.normal(size=200))
        areas.append(area)
        errors.append(part.std() / np.sqrt(200))
    assert np.mean(errors) == pytest.approx(np.std(areas), rel=0.1)


def test_the_discriminator_knows_copies_from_draws_and_shuffles():
    coded = on_common_scales(TYPES, table(1, 400), fresh=table(2, 400))
    train, rng = coded["train"], np.random.default_rng(0)
    fresh, copied, shuffled = (
        fidelity.discriminator(train, fake, rng) for fake in (coded["fresh"], train, train.shuffled(rng))
    )
    assert fresh.low < 0.5 < fresh.high
    assert copied.high < 0.2  # below one half, because every row's twin goes by the other name
    assert shuffled.low > 0.6
    assert fidelity.discriminator(train, coded["fresh"], np.random.default_rng(5)) == fidelity.discriminator(
        train, coded["fresh"], np.random.default_rng(5)
    )


def test_columns_for_learners_hold_the_union_of_levels():
    train, fake = table(1, 100), table(2, 100).assign(town="Z", income=np.nan, mood=1)
    coded = on_common_scales(TYPES, train, fake=fake)
    (x, y), nominal = features([coded["train"], coded["fake"]], skip=["vote"])
    assert x.shape == y.shape == (100, len(nominal)) and nominal.sum() == 3  # gaps of income, of mood, and the town
    bins = one_hot([coded["train"], coded["fake"]])
    assert all((b.sum(axis=1) == 5).all() for b in bins) and bins[0].shape == bins[1].shape
    assert "note" not in coded["train"].names
