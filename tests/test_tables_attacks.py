"""Attacks on fake tables: answers known beforehand, a ladder of planted copies, and false alarms counted."""

import resource
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from genlab import tables
from genlab.tables.evaluation.attacks import attack, sentences
from genlab.tables.evaluation.chance import chances, generator, risk, trades, wilson
from genlab.tables.evaluation.distance import Coded, Space, distance_share, nearest, unique_rows
from genlab.tables.types import Column, Types

DATASETS = Path(__file__).parents[1] / "datasets"
LETTERS = tuple("abcdefghijkl")
PANEL = Types(
    [
        Column("age", "number"),
        Column("income", "number", missing=(-8,)),
        Column("item 1", "ordinal", levels=(1, 2, 3, 4, 5), declared=True),
        Column("item 2", "ordinal", levels=(1, 2, 3, 4, 5), declared=True),
        Column("region", "category", levels=LETTERS),
        Column("owns", "boolean", levels=(False, True)),
        Column("day", "date"),
        Column("person", "id"),
        Column("remark", "text"),
        Column("wave", "constant"),
    ]
)
COLUMNS = [
    "tries", "successes", "rate", "low", "high", "control", "control_low", "control_high", "naive", "risk", "risk_low",
    "risk_high", "chance", "leak", "sentence",
]  # fmt: skip


def draw(n, rng):
    """Rows of a made-up survey whose distribution is known: three kinds of people, gaps, codes, heaped numbers."""
    kind = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    income = np.round(np.exp(rng.normal(7 + 0.5 * kind, 0.6)), -1)
    income[rng.random(n) < 0.1], income[rng.random(n) < 0.05] = -8, np.nan
    item = lambda: pd.array(np.clip(np.round(rng.normal(2 + kind, 1)), 1, 5), dtype="Int64")
    region = np.array(LETTERS)[np.minimum(rng.geometric(0.25, n) - 1, 11)]
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    return pd.DataFrame(
        {
            "age": rng.integers(18, 30 + 20 * kind), "income": income, "item 1": item(), "item 2": item(),
            "region": pd.Categorical(region, categories=LETTERS), "owns": rng.random(n) < 0.3 + 0.2 * kind, "day": day,
            "person": np.arange(n), "remark": "no remark", "wave": 1,
        }
    )  # fmt: skip


@pytest.fixture
def panel():
    rng = np.random.default_rng(7)
    return draw(300, rng), draw(300, rng), draw(300, rng)  # train, holdout, a third sample


def numbers(**columns):
    """A frame of numbers and its types."""
    return pd.DataFrame(columns, dtype=float), Types(Column(name, "number") for name in columns)


# -- chance -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("successes", "tries", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (9, 9, 0.7009, 1),
    ],
)
def test_wilson_gives_the_published_limits(successes, tries, low, high):
    """Newcombe, 1998, table I, method 3; the last row by hand: 1 / (1 + z^2 / 9)."""
    assert wilson(successes / tries, tries) == pytest.approx((low, high), abs=5e-5)


def test_wilson_at_the_ends():
    assert wilson(0.0, 0) == (0, 1)
    assert wilson(0.5, np.inf) == (0.5, 0.5)
    assert wilson(0.0, 50)[0] == 0 and wilson(1.0, 50)[1] == 1


def test_risk_against_a_known_control_is_the_interval_of_the_rate_stretched():
    low, high = wilson(0.75, 200)
    assert risk(0.75, 200, 0.5, np.inf) == pytest.approx((0.5, 2 * low - 1, 2 * high - 1))


def test_risk_at_the_ends():
    assert risk(0.2, 100, 0.3, 100)[:2] == (0, 0)  # cut off at 0
    assert risk(1.0, 100, 0.3, 100)[::2] == (1, 1)
    assert risk(1.0, 100, 1.0, 100) == (0, 0, 1)  # nothing left to win, so nothing known
    assert risk(0.0, 0, 0.0, 0) == (0, 0, 1)
    for rate in np.linspace(0, 1, 11):
        for control in np.linspace(0, 1, 11):
            value, low, high = risk(rate, 20, control, 30)
            assert 0 <= low <= value <= high <= 1


def test_the_interval_of_a_risk_covers_it():
    rng = np.random.default_rng(0)
    for tries, rate, control in [(300, 0.3, 0.2), (60, 0.5, 0.1), (500, 0.95, 0.9)]:
        true = (rate - control) / (1 - control)
        drawn = rng.binomial(tries, [rate, control], size=(2000, 2)) / tries
        covered = np.mean([low <= true <= high for _, low, high in (risk(a, tries, c, tries) for a, c in drawn)])
        assert 0.93 < covered < 0.98


def test_in_a_trade_one_of_each_pair_is_a_training_row():
    blocks = list(trades(40, np.random.default_rng(0), 500))
    member = np.hstack(blocks)
    assert member.shape == (80, 500) and np.all(member[:40] + member[40:] == 1)
    assert abs(member[:40].mean() - 0.5) < 5 * 0.5 / np.sqrt(40 * 500)


def test_chances_are_adjusted_for_the_number_of_attacks():
    rng = np.random.default_rng(0)
    traded = rng.normal(size=(999, 4))
    found = np.array([9.0, 1.5, 0.0, -1.0])
    own = (1 + (traded >= found).sum(axis=0)) / 1000
    adjusted = chances(found, traded)
    assert np.all(adjusted >= own) and adjusted[0] < 0.005 and own[1] < 0.1 < adjusted[1]
    same = np.repeat(traded[:, :1], 4, axis=1)  # attacks that always agree are one attack
    assert chances(np.repeat(1.5, 4), same) == pytest.approx(np.repeat(np.mean(np.append(same[:, 0], 1.5) >= 1.5), 4))


def test_generator_takes_what_scikit_learn_takes():
    own = np.random.default_rng(3)
    assert generator(own) is own
    assert generator(3).random() == np.random.default_rng(3).random()
    seeded = [generator(np.random.RandomState(3)).random() for _ in range(2)]
    assert seeded[0] == seeded[1] != generator(None).random()


# -- distance ---------------------------------------------------------------------------------------------------------


def placed(real, fake, types):
    """Squared distances of every fake row from the one nearest real row."""
    coded = Coded(real, real, fake, types, np.random.default_rng(0))
    space = Space(coded, coded.names)
    return nearest(space.place(coded.fake), space.place(unique_rows(coded.real)[0]))[0]


def test_missing_is_an_answer_of_its_own():
    """Missing beside missing is no distance, beside a number that of two levels: never NaN, and never a near guess."""
    gaps, types = numbers(x=[np.nan, np.nan])
    full, _ = numbers(x=[1.0, 1.0])
    assert placed(gaps, gaps, types).tolist() == [0, 0]
    assert placed(gaps, full, types).tolist() == placed(full, gaps, types).tolist() == pytest.approx([1, 1])


def test_a_declared_code_is_no_number():
    types = Types([Column("x", "number", missing=(-8,))])
    real = pd.DataFrame({"x": [0.0, 10.0]})
    near = placed(real, pd.DataFrame({"x": [0.0, 1.0, -8.0, np.nan]}), types)
    assert near[0] == 0 and near[1] == 0.25**2 and np.all(near[2:] >= 1)


def test_ordinal_levels_are_steps_and_others_equal_or_not():
    levels = ("never", "seldom", "often", "always")
    real, fake = pd.DataFrame({"q": ["never"]}), pd.DataFrame({"q": [*levels, "unheard of"]})
    steps = placed(real, fake, Types([Column("q", "ordinal", levels=levels, declared=True)]))
    assert steps[:4] == pytest.approx(np.array([0, 1, 4, 9]) / 9) and steps[4] >= 1
    assert placed(real, fake, Types([Column("q", "category", levels=levels)])) == pytest.approx([0, 1, 1, 1, 1])


def test_blocks_and_many_levels_give_the_distances_of_the_definition(monkeypatch):
    """Levels are multiplied when few and compared when many; both must be the same, in blocks of any size."""
    rng = np.random.default_rng(1)
    table = lambda n: pd.DataFrame({"few": rng.integers(0, 5, n), "many": rng.integers(0, 40, n)}).astype(str)
    real, fake = table(120), table(90)
    types = Types(Column(name, "category", levels=tuple(map(str, range(40)))) for name in real)
    by_hand = (fake.to_numpy()[:, None] != real.to_numpy()[None]).sum(axis=2).min(axis=1)
    assert placed(real, fake, types) == pytest.approx(by_hand)
    monkeypatch.setattr("genlab.tables.evaluation.distance.BLOCK", 1000)
    assert placed(real, fake, types) == pytest.approx(by_hand)


def test_ties_count_one_half():
    train, types = numbers(x=[1, 2, 3, 4])
    holdout, _ = numbers(x=[1, 2, 13, 14])
    share = lambda fake: distance_share(train, holdout, pd.DataFrame({"x": fake}), types=types).value
    assert share([1.0, 2.0]) == 0.5
    assert share([3.0, 4.0]) == 1 and share([13.0]) == 0
    assert share([1.0, 3.0]) == 0.75
    assert share([1.0, 2.0, 3.0, 13.0]) == 0.5


def test_copies_are_all_nearer_and_fresh_rows_are_not(panel):
    train, holdout, third = panel
    same = distance_share(train, holdout, train, types=PANEL)
    assert same.value > 0.99 and same.low > 0.95
    assert distance_share(train, holdout, holdout, types=PANEL).high < 0.05
    fresh = distance_share(train, holdout, third, types=PANEL)
    assert fresh.low < 0.5 < fresh.high


def test_the_order_of_rows_and_columns_says_nothing(panel):
    train, holdout, third = panel
    mixed = [frame.sample(frac=1, random_state=1)[frame.columns[::-1]] for frame in panel]
    one, two = (distance_share(*frames, types=PANEL).value for frames in ((train, holdout, third), mixed))
    assert one == pytest.approx(two)


def test_distances_are_never_all_in_memory():
    """20,000 by 20,000 distances would take 3.2 GB."""
    rng = np.random.default_rng(0)
    train, types = numbers(**{name: rng.normal(size=20_000) for name in "abcd"})
    holdout, fake = (train + rng.normal(size=train.shape) for _ in range(2))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    distance_share(train, holdout, fake, types=types)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown / (1024**2 if sys.platform == "darwin" else 1024) < 300


# -- attacks ----------------------------------------------------------------------------------------------------------


def test_nothing_is_said_without_rows_held_out(panel):
    train, _, third = panel
    with pytest.raises(ValueError, match="holdout=None"):
        attack(train, third, None, types=PANEL)
    with pytest.raises(ValueError, match="holdout=None"):
        distance_share(train, None, third, types=PANEL)


def test_all_problems_come_at_once(panel):
    train, holdout, third = panel
    with pytest.raises(ValueError, match="6 problem") as error:
        attack(train, third, holdout.iloc[:0, 1:], types=PANEL, keys=["size"], target="remark", tries=0)
    assert all(word in str(error.value) for word in ("'size'", "'remark'", "tries=0", "holdout has no rows", "'age'"))
    with pytest.raises(ValueError, match="none of them is known"):
        attack(train, third, holdout, types=PANEL, keys=["age"], target="age")
    with pytest.raises(ValueError, match="no column can be compared"):
        attack(train, third[["remark"]], holdout, types=PANEL)


def test_the_table_of_attacks(panel):
    train, holdout, third = panel
    table = attack(train, third, holdout, types=PANEL, keys=["age", "region"], target="income")
    assert list(table.columns) == COLUMNS and table.index.name == "attack" and len(table) == 6
    assert table["leak"].dtype == bool
    for low, value, high in (
        ("low", "rate", "high"),
        ("control_low", "control", "control_high"),
        ("risk_low", "risk", "risk_high"),
    ):
        assert (
            (0 <= table[low]) & (table[low] <= table[value]) & (table[value] <= table[high]) & (table[high] <= 1)
        ).all()
    assert np.all(table["successes"] == np.round(table["rate"] * table["tries"]))
    assert table["naive"].between(0, 1).all()


def test_the_same_seed_gives_the_same_table_and_moves_no_global_one(panel):
    train, holdout, third = panel
    np.random.seed(0)  # noqa: NPY002
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    run = lambda seed: attack(train, third, holdout, types=PANEL, tries=100, random_state=seed)
    pd.testing.assert_frame_equal(run(4), run(4))
    pd.testing.assert_frame_equal(run(np.random.RandomState(4)), run(np.random.RandomState(4)))
    assert not run(4).equals(run(5))
    assert np.array_equal(state, np.random.get_state()[1])  # noqa: NPY002


def test_a_wrong_guess_at_negative_numbers_is_wrong():
    """A tolerance relative to a signed guess would make every negative guess right."""
    rng = np.random.default_rng(0)
    real, types = numbers(key=rng.normal(size=400), debt=-rng.uniform(1, 100, size=400))
    wrong = pd.DataFrame({"key": real["key"], "debt": -1e5})
    run = lambda fake: attack(real[:200], fake, real[200:], types=types, keys=["key"], target="debt").loc[
        "attribute inference"
    ]
    assert run(wrong)[["rate", "control", "naive"]].tolist() == [0, 0, 0]
    assert run(real)["rate"] == 1
    near = real.assign(debt=real["debt"] + 0.04 * np.subtract(*np.quantile(real["debt"], [0.95, 0.05])))
    assert run(near)["rate"] == 1
    assert run(near.assign(debt=near["debt"] + 10))["rate"] < 0.2


def test_among_equally_near_rows_the_majority_guesses():
    train = pd.DataFrame({"key": ["a"] * 10, "secret": ["x"] * 10})
    fake = pd.DataFrame({"key": ["a", "a", "a", "b", "b", "b"], "secret": ["x", "x", "y", "y", "y", "y"]})
    types = Types([Column("key", "category", levels=("a", "b")), Column("secret", "category", levels=("x", "y"))])
    found = attack(train, fake, train, types=types, keys=["key"], target="secret").loc["attribute inference"]
    assert found["rate"] == 1 and found["control"] == 1 and found["naive"] == 0
    assert found["risk_high"] == 1 and not found["leak"]  # a control that never fails leaves nothing to find out


def test_replicated_uniques_are_counted_on_the_keys():
    train = pd.DataFrame({"a": ["p", "p", "q", "r"], "b": [1.0, 2.0, 3.0, 4.0]})
    holdout = pd.DataFrame({"a": ["p", "q", "r", "s"], "b": [9.0, 8.0, 7.0, 6.0]})
    fake = pd.DataFrame({"a": ["p", "q", "q", "q"], "b": [1.0, 3.0, 3.0, 8.0]})
    types = Types([Column("a", "category", levels=("p", "q", "r", "s")), Column("b", "number")])
    run = lambda keys: attack(train, fake, holdout, types=types, keys=keys).loc["replicated uniques"]
    on_a, on_both = run(["a"]), run(None)
    assert (on_a["tries"], on_a["successes"], on_a["control"]) == (2, 1, 0.5)  # q and r are unique; fake has q
    assert (on_both["tries"], on_both["successes"], on_both["control"]) == (4, 2, 0.25)


def test_singling_out_is_exactly_one_match():
    train, types = numbers(x=[1, 2, 2, 3, 3, 3])
    holdout, _ = numbers(x=[2, 3, 3, 5, 5, 5])
    fake, _ = numbers(x=[1, 2, 3, 3, 5, 5])  # alone: 1, 2; least number: 1; greatest: two rows, so not alone
    found = attack(train, fake, holdout, types=types).loc["singling out by one column"]
    assert (found["tries"], found["successes"]) == (3, 2)  # = 1 and <= 1 fit one row, = 2 fits two
    assert found["control"] == pytest.approx(1 / 3)  # = 2 fits one held-out row


def test_linkability_needs_one_row_that_fits_both_files():
    """Rows of two unique halves: who has the row links it, who has the halves in different rows does not."""
    train, types = numbers(a=np.arange(50), b=7 * np.arange(50))
    holdout = pd.DataFrame({"a": train["a"] + 0.4, "b": train["b"].to_numpy()[::-1] + 0.4})
    run = lambda fake, **more: tables.attacks.linkability(train, fake, holdout, types=types, **more)
    copied, apart = run(train), run(train.assign(b=np.roll(train["b"], 1)))
    assert (copied.rate, copied.tries, copied.leak) == (1, 50, True) and copied.naive < 0.2
    assert (apart.rate, apart.leak) == (0, False)
    assert run(train, keys=["b"]).rate == 1
    assert run(train, keys=["a", "b"]).tries == 0  # no other file


def test_without_ties_linkability_needs_columns_on_both_sides():
    level, types = numbers(x=[1, 2, 3, 4])
    found = tables.attacks.linkability(level, level, level, types=types)
    assert found.tries == 0 and np.isnan(found.rate) and found.sentence().startswith("Not tried")


def test_each_attack_by_its_name_is_that_of_the_table(panel):
    train, holdout, third = panel
    calls = {
        "replicated uniques": (tables.attacks.replicated_uniques, {}),
        "singling out by one column": (tables.attacks.singling_out, dict(columns="one", n=90)),
        "singling out by several columns": (tables.attacks.singling_out, dict(n=90)),
        "attribute inference": (tables.attacks.attribute_inference, dict(keys=["age"], target="income", n=90)),
        "linkability": (tables.attacks.linkability, dict(n=90)),
        "membership inference": (tables.attacks.membership, {}),
    }
    assert list(calls) == list(attack(train, third, holdout, types=PANEL, tries=90).index)
    for name, (call, more) in calls.items():
        for fake in (train, third):
            found = call(train, fake, holdout, types=PANEL, **more)
            assert found.name == name and found.interval[0] <= found.rate <= found.interval[1]
            assert found.leak or fake is third or name.endswith("one column")  # three descriptions at most
            assert found.sentence().startswith(("Leak found" if found.leak else "No leak found") + f" by {name}")


def test_wrong_names_of_attacks_are_refused(panel):
    train, holdout, third = panel
    with pytest.raises(ValueError, match="only=.*'linkability'"):
        attack(train, third, holdout, types=PANEL, only=["theft"])
    with pytest.raises(ValueError, match="columns='two'"):
        tables.attacks.singling_out(train, third, holdout, types=PANEL, columns="two")


def test_k_and_l_are_those_of_the_textbook():
    df = pd.DataFrame(
        {"zip": ["1", "1", "1", "2", "2", None], "age": [3, 3, 3, 4, 4, 5], "ill": ["a", "b", "b", "c", "c", "a"]}
    )
    found = tables.attacks.anonymity(df, ["zip", "age"], "ill")
    assert (found.k, found.l, found.alone) == (1, 1, 1 / 6)
    assert found.groups["rows"].tolist() == [1, 2, 3] and found.groups["answers"].tolist() == [1, 1, 2]
    full = tables.attacks.anonymity(df[:3], "zip", "ill")
    assert (full.k, full.l, full.alone) == (3, 2, 0) and "k = 3" in full.sentence() and "l = 2" in full.sentence()
    assert tables.attacks.anonymity(df, ["age"]).l is None


def test_all_problems_with_keys_come_at_once():
    with pytest.raises(ValueError, match=r"3 problem\(s\)") as error:
        tables.attacks.anonymity(pd.DataFrame({"a": []}), ["b"], "c")
    assert all(word in str(error.value) for word in ("no rows", "'b'", "'c'"))
    with pytest.raises(ValueError, match="at least one column"):
        tables.attacks.anonymity(pd.DataFrame({"a": [1]}), [])
    with pytest.raises(ValueError, match="is a key as well"):
        tables.attacks.anonymity(pd.DataFrame({"a": [1]}), ["a"], "a")


DTYPES = {
    "category": lambda frame: frame.assign(
        **{"item 1": frame["item 1"].astype("category"), "owns": frame["owns"].astype("boolean")}
    ),
    "object": lambda frame: frame.astype(object),
    "string": lambda frame: frame.astype({"region": "string", "age": "Int64", "income": "Float64"}),
    "text dates": lambda frame: frame.assign(day=frame["day"].dt.strftime("%d/%m/%Y")),
    "zoned dates": lambda frame: frame.assign(day=frame["day"].dt.tz_localize("Europe/Vienna").dt.tz_convert("UTC")),
}


@pytest.mark.parametrize("name", DTYPES)
def test_the_same_values_in_any_dtype_give_the_same_table(name, panel):
    types = Types(PANEL.values())
    if name == "text dates":
        types.set("day", format="%d/%m/%Y")
    train, holdout, third = panel
    before = attack(train, third, holdout, types=PANEL, tries=60)
    train, holdout, third = (DTYPES[name](frame) for frame in panel)
    pd.testing.assert_frame_equal(attack(train, third, holdout, types=types, tries=60), before)


def test_the_same_values_in_arrow_give_the_same_table(panel):
    pytest.importorskip("pyarrow")
    train, holdout, third = panel
    before = attack(train, third, holdout, types=PANEL, tries=60)
    arrow = [frame.astype({"region": str}).convert_dtypes(dtype_backend="pyarrow") for frame in panel]
    pd.testing.assert_frame_equal(attack(arrow[0], arrow[2], arrow[1], types=PANEL, tries=60), before)


def test_a_fake_table_from_elsewhere(panel):
    """Levels never seen, text in a number column, a column lost, nothing but gaps, other sizes."""
    train, holdout, third = panel
    odd = third.drop(columns=["item 2"]).astype({"region": object, "income": object})[:77]
    odd.loc[odd.index[:9], "region"], odd.loc[odd.index[5:20], "income"] = "Atlantis", "a lot"
    odd["day"] = pd.NaT
    table = attack(train, odd, holdout[:150], types=PANEL)
    assert not table["leak"].any() and table["rate"].notna().all()
    assert 0.3 < distance_share(train, holdout, odd, types=PANEL).value < 0.7


def test_tables_that_give_nothing_to_try():
    level, types = pd.DataFrame({"a": ["x"] * 20}), Types([Column("a", "category", levels=("x",))])
    table = attack(level, level, level, types=types)
    tried = table["tries"] > 0
    assert list(table.index[tried]) == ["membership inference"]
    assert table.loc[~tried, "rate"].isna().all() and not table["leak"].any()
    assert table.loc["replicated uniques", "sentence"].startswith("Not tried")
    assert attack(level[:1], level, level[:1], types=types)["leak"].sum() == 0


def test_duplicates_are_no_leak():
    """Rows that many people share are in train, holdout and fake alike."""
    rng = np.random.default_rng(0)
    table = lambda: pd.DataFrame(rng.integers(0, 2, size=(200, 3)).astype(bool), columns=list("abc"))
    types = Types(Column(name, "boolean", levels=(False, True)) for name in "abc")
    alarms = sum(attack(table(), table(), table(), types=types, tries=100)["leak"].any() for _ in range(60))
    assert alarms <= scipy.stats.binom.ppf(0.99, 60, 0.05)
    share = distance_share(table(), table(), table(), types=types)
    assert share.value == 0.5 and share.low < 0.5 < share.high


def test_sentences_say_what_was_found_and_never_more(panel):
    train, holdout, third = panel
    sound, copied = (attack(train, fake, holdout, types=PANEL) for fake in (third, train))
    said = {name: sentences(table) for name, table in dict(sound=sound, copied=copied).items()}
    assert (
        said["sound"][0].startswith("No leak found by these 6 attacks")
        and f"{sound['tries'].sum():,} tries" in said["sound"][0]
    )
    assert said["copied"][0].startswith("Leak found: by ") and len(said["copied"]) == 7
    assert all(text.startswith("No leak found by ") and "95 % interval" in text for text in said["sound"][1:])
    words = " ".join(said["sound"] + said["copied"]).lower()
    assert "safe" not in words and "anonym" not in words


# -- is it seen, and is it seen only then ---------------------------------------------------------------------------------

LADDER = (0, 0.01, 0.05, 0.2, 1)
NOTICED = {  # least share of copied rows that each attack is sure to notice in 4,527 rows of the youth risk survey
    "replicated uniques": 0.01,
    "linkability": 0.01,
    "membership inference": 0.05,
    "singling out by several columns": 0.2,
    "attribute inference": 0.2,
    "singling out by one column": 1,
}


@pytest.fixture(scope="module")
def ladder():
    """Attacks on fresh real rows of which a share is replaced by training rows, and the distance shares."""
    types = Types.from_json((DATASETS / "survey.types.json").read_text("utf-8"))
    text = {name: str for name, column in types.items() if column.kind != "number"}
    rows = pd.read_csv(DATASETS / "survey.csv", dtype=text, keep_default_na=False, na_values=[""])
    order, n = np.random.default_rng(0).permutation(len(rows)), len(rows) // 3
    train, holdout, third = (rows.iloc[order[i * n : (i + 1) * n]] for i in range(3))
    found, shares = {}, {}
    for share in LADDER:
        fake = pd.concat([train[: round(share * n)], third[round(share * n) :]])
        found[share] = attack(train, fake, holdout, types=types, random_state=0)
        shares[share] = distance_share(train, holdout, fake, types=types, random_state=0)
    return found, shares


def test_without_copies_the_intervals_of_rate_and_control_overlap(ladder):
    found, shares = ladder
    sound = found[0]
    assert ((sound["low"] <= sound["control_high"]) & (sound["control_low"] <= sound["high"])).all()
    assert (sound["risk_low"] == 0).all() and not sound["leak"].any()
    assert shares[0].low <= 0.5 <= shares[0].high
    assert sentences(sound)[0].startswith("No leak found")


@pytest.mark.parametrize("name", NOTICED)
def test_the_more_copies_the_higher_the_rate(ladder, name):
    rows = [ladder[0][share].loc[name] for share in LADDER]
    noise = [np.sqrt(0.25 / row["tries"]) for row in rows]
    assert all(b["rate"] > a["rate"] - 2 * e for a, b, e in zip(rows, rows[1:], noise, strict=False))
    assert rows[-1]["rate"] > 0.99 and rows[-1]["rate"] > rows[0]["rate"] + 0.3


@pytest.mark.parametrize("name", NOTICED)
def test_the_sentence_changes_at_the_stated_share(ladder, name):
    for share, table in ladder[0].items():
        if share == 0 or share >= NOTICED[name]:
            assert table.loc[name, "leak"] == (share > 0)
            assert table.loc[name, "sentence"].startswith("Leak found" if share else "No leak found")


def test_one_copy_in_a_hundred_changes_the_first_sentence(ladder):
    assert [sentences(ladder[0][share])[0].split(":")[0] == "Leak found" for share in LADDER] == [
        False,
        True,
        True,
        True,
        True,
    ]


def test_the_distance_share_rises_with_the_copies(ladder):
    values = [ladder[1][share].value for share in LADDER]
    assert values == sorted(values) and values[-1] > 0.999
    assert all(ladder[1][share].low > 0.5 for share in (0.05, 0.2, 1))


def test_false_alarms_are_as_rare_as_stated():
    """200 sound tables: a leak in at most 5 % of reports; each distance share's interval misses one half in 5 %."""
    rng, tables, alarms, outside = np.random.default_rng(11), 200, 0, 0
    for seed in range(tables):
        train, holdout, fake = draw(100, rng), draw(100, rng), draw(150, rng)
        alarms += attack(train, fake, holdout, types=PANEL, random_state=seed)["leak"].any()
        share = distance_share(train, holdout, fake, types=PANEL, random_state=seed)
        outside += not share.low <= 0.5 <= share.high
    bound = scipy.stats.binom.ppf(0.99, tables, 0.05)
    assert alarms <= bound and outside <= bound
    assert alarms > 0  # a test that never fires would also be within the bound


def test_a_copy_is_always_found():
    rng = np.random.default_rng(12)
    for seed in range(30):
        train, holdout = draw(80, rng), draw(80, rng)
        assert attack(train, train, holdout, types=PANEL, random_state=seed)["leak"].sum() >= 4


def test_near_copies_are_found_too():
    """Each training row with two cells changed: no row is replicated, and yet who took part can be told."""
    rng = np.random.default_rng(13)
    train, holdout, third = draw(600, rng), draw(600, rng), draw(600, rng)
    fake, names = train.copy(), list(PANEL)[:7]
    where = np.argsort(rng.random((600, 7)), axis=1)[:, :2]
    for j, name in enumerate(names):
        fake[name] = fake[name].where(~(where == j).any(axis=1), third[name])
    table = attack(train, fake, holdout, types=PANEL)
    assert table.loc["membership inference", "leak"] and table.loc["membership inference", "rate"] > 0.8
    assert table.loc["replicated uniques", "rate"] < 0.05
