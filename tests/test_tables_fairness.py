"""Gaps between groups: known answers, amplification that is planted and found, and groups that are refused."""

import json

import numpy as np
import pandas as pd
import pytest

from genlab import files, tables
from genlab.tables.types import Column, Types

TYPES = Types(
    [
        Column("group", "category", levels=("a", "b", "few")),
        Column("skill", "number"),
        Column("hired", "category", levels=("no", "yes")),
    ]
)


def people(n, seed, gap=0.2, few=0):
    """Rows in which group b is hired less often by `gap`, whatever the skill."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b"], n).astype(object)
    group[:few] = "few"
    skill = rng.normal(size=n).round(2)
    chance = 0.45 + 0.15 * np.tanh(skill) - gap / 2 * np.where(group == "b", 1, -1)
    return pd.DataFrame({"group": group, "skill": skill, "hired": np.where(rng.random(n) < chance, "yes", "no")})


def found(fake, **how):
    how = dict(types=TYPES, target="hired", sensitive="group", favourable="yes") | how
    return tables.fairness(people(3000, 1), fake, people(3000, 2), **how)


def test_the_same_rows_have_the_same_gaps():
    same = found(people(3000, 1))
    row = same.gaps.loc["rates in the rows"]
    assert abs(row.real - 0.2) < 0.05 and row.real == row.synthetic and row.more == 0
    assert row.low < 0 < row.high and same.amplified == []
    assert list(same.groups.index) == ["a", "b"] and same.groups["n train"].sum() == 3000
    assert ((same.groups["low"] < same.groups["holdout"]) & (same.groups["holdout"] < same.groups["high"])).all()


def test_a_gap_that_is_made_larger_is_amplified_and_one_that_is_closed_is_not():
    louder, even = found(people(3000, 3, gap=0.5)), found(people(3000, 4, gap=0.0))
    assert {"rates in the rows", "demographic parity"} <= set(louder.amplified)
    assert abs(louder.gaps.more["rates in the rows"] - 0.3) < 0.06
    assert "Amplified: rates in the rows" in louder.sentence()
    assert even.amplified == [] and even.gaps.high["rates in the rows"] < 0
    assert even.gaps.synthetic["demographic parity"] < 0.1 < even.gaps.real["demographic parity"]
    assert "No gap is amplified" in even.sentence()


def test_false_alarms_of_amplification_are_rare():
    def alarm(seed):
        train, fake, holdout = (people(800, 3 * seed + k) for k in range(3))
        how = dict(types=TYPES, target="hired", sensitive="group", favourable="yes", random_state=seed)
        return len(tables.fairness(train, fake, holdout, **how).amplified)

    assert sum(map(alarm, range(4))) <= 2  # of 12 intervals, each with 2.5 % on this side


def test_the_gaps_are_those_of_the_groups_table():
    result = found(people(2000, 5, gap=0.4))
    for name in ("real", "synthetic"):
        rates = result.groups[f"{name}: says yes"]
        assert np.isclose(result.gaps[name]["demographic parity"], rates.max() - rates.min())
        spans = [np.ptp(result.groups[f"{name}: {what}"]) for what in ("hits", "false alarms")]
        assert np.isclose(result.gaps[name]["equalised odds"], max(spans))


def test_small_groups_are_refused_and_named():
    how = dict(types=TYPES, target="hired", sensitive="group", favourable="yes")
    result = tables.fairness(people(2000, 1, few=20), people(2000, 3), people(2000, 2, few=30), **how)
    assert result.refused == {"few": 20} and "few" not in result.groups.index
    assert "Too small to judge: few (20 rows)" in result.sentence()
    with pytest.raises(ValueError, match=r"fewer than two groups of 'group' have 5000 rows.*lower least"):
        found(people(2000, 3), least=5000)


def test_a_real_survey_by_trees_keeps_its_gaps():
    df, types = tables.read(files.read("survey.csv"), types=files.read("survey.types.json"))
    train, holdout = tables.split(df, random_state=0)
    fake = tables.Synthesizer(random_state=0).fit(train, types=types).sample(len(train))
    result = tables.fairness(train, fake, holdout, types=types, target="physically_active_7d", sensitive="gender")
    row = result.gaps.loc["rates in the rows"]
    assert row.real > 0.1 and abs(row.more) < 0.06 and row.low < row.more < row.high


def test_the_same_seed_finds_the_same():
    first, second = (found(people(500, 3), random_state=4).gaps for _ in range(2))
    assert first.equals(second)


def test_all_problems_come_at_once_and_name_the_mend():
    with pytest.raises(ValueError, match=r"2 problem\(s\)"):
        found(people(100, 1), target="wage", sensitive="skill")
    with pytest.raises(ValueError, match="cut it into levels first"):
        found(people(100, 1), sensitive="skill")
    with pytest.raises(ValueError, match="two different columns"):
        found(people(100, 1), sensitive="hired")
    with pytest.raises(ValueError, match="has the levels no, yes"):
        found(people(100, 1), favourable="maybe")
    with pytest.raises(ValueError, match="leave it out"):
        found(people(100, 1), target="skill")
    with pytest.raises(ValueError, match="fake: needs rows"):
        found(people(100, 1).head(0))


def test_a_group_without_held_out_rows_is_named():
    train = people(1000, 0)
    train.loc[:199, "group"] = "c"
    result = tables.fairness(
        train, train, people(1000, 1), types=tables.guess(train), target="hired", sensitive="group"
    )
    assert result.refused == {"c": 0} and "c (0 rows)" in result.sentence()


def test_a_fake_table_without_a_group_or_an_answer_is_judged_as_it_is():
    only = people(1000, 3)
    result = found(only[only["group"] == "a"])
    assert np.isnan(result.groups.loc["b", "fake"]) and np.isfinite(result.gaps.synthetic["demographic parity"])
    assert np.isnan(result.gaps.loc["rates in the rows", ["synthetic", "more", "low", "high"]].astype(float)).all()
    assert "rates in the rows cannot be measured" in result.sentence()
    assert "No synthetic row has the group b." in result.sentence()
    assert np.isfinite(found(people(1000, 3).assign(hired="no")).gaps.synthetic["rates in the rows"])


# -- in a report ------------------------------------------------------------------------------------------------------


def reported(**more):
    how = dict(holdout=people(400, 2), target="hired", keys=["group"], types=TYPES, random_state=3) | more
    return tables.evaluate(people(400, 1), people(400, 3, gap=0.5), **how)


def test_a_report_holds_the_gaps_and_no_other_number_changes(tmp_path):
    rng = lambda: np.random.default_rng(3)  # one that is used up as it goes
    plain = reported(random_state=rng())
    full = reported(random_state=rng(), sensitive="group", favourable="yes")
    assert plain.fairness is None and full.fairness.sensitive == "group"
    pd.testing.assert_frame_equal(plain.scores, full.scores)
    pd.testing.assert_frame_equal(plain.attacks, full.attacks)
    alone = dict(types=TYPES, target="hired", sensitive="group", favourable="yes")
    own = tables.fairness(people(400, 1), people(400, 3, gap=0.5), people(400, 2), **alone)
    rates = ["n train", "n holdout", "train", "fake", "holdout", "low", "high"]  # in which there is no chance
    pd.testing.assert_frame_equal(full.fairness.groups[rates], own.groups[rates])
    said = full.fairness.sentence()
    assert f"groups: {said}" in repr(full) and "Gaps in" in full._repr_html_() and "groups" not in plain.said
    found = json.loads(full.to_json())["fairness"]
    assert found["sentence"] == said and found["gaps"][0]["name"] == "rates in the rows"
    assert "fairness" not in json.loads(plain.to_json())
    full.to_html(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Gaps between groups" in page and "equalised odds" in page and page.count("<table") > 3
    plain.to_html(tmp_path / "plain.html")
    assert "Gaps between groups" not in (tmp_path / "plain.html").read_text("utf-8")


def test_names_of_groups_from_strangers_stay_text(tmp_path):
    evil = "<script>alert(1)</script>"
    types = Types([Column("group", "category", levels=(evil, "b")), TYPES["skill"], TYPES["hired"]])
    tell = lambda df: df.replace({"group": {"a": evil}})
    frames = [tell(people(400, seed)) for seed in (1, 3, 2)]
    report = tables.evaluate(
        *frames[:2], holdout=frames[2], types=types, target="hired", sensitive="group", favourable="yes"
    )
    report.to_html(tmp_path / "report.html")
    assert "<script" not in (tmp_path / "report.html").read_text("utf-8") + report._repr_html_()


def test_a_report_refuses_groups_that_it_cannot_measure():
    with pytest.raises(ValueError, match="need a target and rows held out"):
        reported(sensitive="group", holdout=None)
    with pytest.raises(ValueError, match="sensitive='size' is no column of train"):
        reported(sensitive="size")
    with pytest.raises(ValueError, match="has no groups"):
        reported(sensitive="skill")
