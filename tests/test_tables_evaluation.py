"""Evaluation: which score catches which bad table, what a report says and never says, and tables it must put up with."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genlab import files
from genlab.surveys import survey
from genlab.tables.evaluation import bad
from genlab.tables.evaluation.evaluation import Report, evaluate
from genlab.tables.evaluation.meanings import BAD, COPY, FILLED, MEANINGS, NO_RARE, SHUFFLED, SWAPPED, TIMES_10
from genlab.tables.evaluation.outcome import SHOWN
from genlab.tables.types import Column, Types

ROWS = 1000
KEYS = ["age", "grade", "race"]
WEAK = {  # a score sees these bad tables where there are more rows than here, or gaps and rare levels are more
    ("column shapes", NO_RARE),
    ("pair trends", NO_RARE),
    ("missingness", SHUFFLED),
    ("missingness", TIMES_10),
    ("train synthetic, test real", SWAPPED),
    ("share of training on real", SWAPPED),
    ("same answers", FILLED),
    ("discriminator AUC, training rows", SWAPPED),  # whole rows pull it below one half, broken ones above
}


@pytest.fixture(scope="module")
def real():
    """Three parts of the survey, and its types."""
    frame, types = survey(), Types.from_json(files.read("survey.types.json").read_text("utf-8"))
    rows = np.random.default_rng(0).permutation(len(frame))
    return [frame.iloc[rows[i * ROWS : (i + 1) * ROWS]] for i in range(3)], types


@pytest.fixture(scope="module")
def caught(real):
    (train, fresh, holdout), types = real
    return bad.catches(train, fresh, holdout, target="gender", keys=KEYS, types=types)


def test_each_score_catches_the_bad_tables_that_it_is_said_to_catch(caught):
    assert list(caught) == [bad.FRESH, *BAD] and list(caught.index) == [*MEANINGS, bad.LEAK]
    wrong = [
        (score, table, "caught" if caught.loc[score, table] else "missed")
        for score, (*_, blind) in MEANINGS.items()
        for table in BAD
        if (score, table) not in WEAK and caught.loc[score, table] == (table in blind)
    ]
    assert wrong == []


def test_every_bad_table_is_caught_and_fresh_rows_are_not(caught):
    assert caught.drop(columns=bad.FRESH).any().all()
    assert not caught[bad.FRESH].any()
    assert caught.loc[bad.LEAK, [COPY, SWAPPED]].all() and not caught.loc[bad.LEAK, [SHUFFLED, TIMES_10, FILLED]].any()
    assert list(caught.index[caught[COPY]]) == ["discriminator AUC, training rows", "distance share", bad.LEAK]


def test_bad_tables_are_what_their_names_say(real):
    (train, fresh, _), _ = real
    tables = bad.bad_tables(train, fresh, np.random.default_rng(0))
    assert all(list(table) == list(train) and len(table) == ROWS for table in tables.values())
    assert all((table.dtypes == train.dtypes).all() for table in tables.values())
    pd.testing.assert_frame_equal(tables[COPY], train)
    same = (tables[SWAPPED].astype(object).to_numpy() == train.astype(object).to_numpy()) | train.isna().to_numpy()
    assert 0.68 < same.mean() < 0.9  # a swapped cell may get an equal value
    for name in train:
        counts = [frame[name].value_counts().sort_index() for frame in (tables[SHUFFLED], fresh)]
        pd.testing.assert_series_equal(*counts)
    assert (tables[TIMES_10]["height"] == (fresh["height"] * 10).reset_index(drop=True)).sum() > 500
    assert not tables[FILLED].isna().any(axis=None)
    shares = tables[NO_RARE]["race"].value_counts(normalize=True)
    assert shares[shares > 0].min() >= 0.05 > fresh["race"].value_counts(normalize=True).min()


# -- what a report holds and says ----------------------------------------------------------------------------------------


def table(seed, n=300):
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(size=n), 1)
    return pd.DataFrame(
        {
            "id": [f"p{i:05}" for i in rng.permutation(99_999)[:n]],
            "x": x,
            "y": np.where(rng.random(n) < 0.1, np.nan, np.round(3 * x + rng.normal(size=n))),
            "c": np.array(list("abc"))[np.clip(np.round(x + 1), 0, 2).astype(int)],
            "b": x + rng.normal(size=n) > 0,
            "d": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
            "k": "same",
        }
    )


TYPES = Types(
    [
        Column("id", "id"),
        Column("x", "number", step=0.1),
        Column("y", "number"),
        Column("c", "category", levels=("a", "b", "c")),
        Column("b", "boolean", levels=(False, True)),
        Column("d", "date"),
        Column("k", "constant"),
    ]
)


@pytest.fixture(scope="module")
def report():
    return evaluate(table(0), table(1, 350), holdout=table(2, 250), target="b", keys=["c", "d"], types=TYPES)


def test_every_score_has_its_references(report):
    scores = report.scores
    assert list(scores.index) == [name for name in MEANINGS if name != "rare levels"]  # there are none here
    assert scores.columns.tolist()[:7] == ["section", "value", "low", "high", "floor", "ceiling", "copy"]
    assert scores[["value", "low", "high", "floor", "ceiling", "copy"]].notna().all(axis=None)
    assert (scores["low"] <= scores["value"]).all() and (scores["value"] <= scores["high"]).all()
    near = (scores["value"] - scores["ceiling"]).abs() < 3 * (scores["high"] - scores["low"]) + 0.05
    assert near.all()  # fresh rows in place of synthetic ones are about as good as fresh rows
    for name in ("pair trends", "train synthetic, test real", "same answers"):
        assert scores.loc[name, "floor"] < scores.loc[name, "ceiling"] - 0.05 < scores.loc[name, "copy"]
    assert scores.loc["discriminator AUC, training rows", "copy"] < 0.3 < scores.loc["distance share", "copy"]
    assert scores.loc["train synthetic, test real", "blind"] == f"{COPY}; {FILLED}; {NO_RARE}"


def test_a_report_holds_what_it_says_it_holds(report):
    assert isinstance(report, Report)
    assert (
        list(report.columns.index) == ["x", "y", "c", "b", "d", "k"] == list(report.pairs) == list(report.pairs.index)
    )
    assert report.columns.loc["y", "missing real"] == pytest.approx(table(0)["y"].isna().mean())
    assert report.columns.loc["c", "levels lost"] == 0 and report.columns["shape"].between(0, 1).all()
    assert report.pairs.loc["x", "y"] == report.pairs.loc["y", "x"] < 1
    assert report.facts["n_train"] == 300 and report.facts["n_fake"] == 350 and report.facts["rows_compared"] == 250
    assert set(report.facts["seconds"]) == {"fidelity", "utility", "leaks"}
    assert len(report.attacks) >= 4 and report.attacks["sentence"].str.len().min() > 20
    assert {"real", "fake", "holdout", "overlap"} <= set(report.answers)
    assert any("'id': id, not compared" in note for note in report.warnings)
    assert any("250 rows were compared" in note for note in report.warnings)


def test_a_report_never_promises(report):
    said = " ".join([*report.verdicts.values(), *report.warnings, *report.attacks["sentence"]]).lower()
    assert not re.search(r"\b(safe|anonym\w*|guarantee\w*|private)\b", said)
    assert "no leak found by these" in report.verdicts["lawyer"].lower()
    assert (
        re.search(r"AUC 0\.\d{3}", report.verdicts["manager"])
        and f"{report.scores.loc['pair trends', 'value']:.3f}" in said
    )


def test_a_report_is_json_text_and_a_table(report, tmp_path):
    path = tmp_path / "report.json"
    report.to_json(path)
    found = json.loads(path.read_text("utf-8"), parse_constant=lambda name: pytest.fail(name))
    assert found == json.loads(report.to_json())
    value = {row["name"]: row["value"] for row in found["scores"]}
    assert value == pytest.approx(report.scores["value"].to_dict())
    assert all(name in repr(report) for name in report.scores.index) and "lawyer" in repr(report)
    shown = report._repr_html_()
    assert all(f"<th>{name}</th>" in shown for name in SHOWN)


def test_a_report_draws_itself(report, tmp_path):
    report.to_html(tmp_path / "report.html")
    assert "pair trends" in (tmp_path / "report.html").read_text("utf-8")
    assert report.figure().axes


def test_names_are_escaped():
    evil = "<script>alert(1)</script>"
    renamed = [table(i, 60).rename(columns={"c": evil}) for i in range(2)]
    types = Types([Column(evil if c.name == "c" else c.name, c.kind, levels=c.levels) for c in TYPES.values()])
    found = evaluate(*renamed, target=evil, types=types)
    assert evil not in found._repr_html_() and "&lt;script&gt;" in found._repr_html_()


def test_the_same_seed_gives_the_same_report_and_references_change_nothing_else():
    tables = dict(holdout=table(2, 80), target="b", keys=["c"], types=TYPES)
    first, again = (evaluate(table(0, 80), table(1, 80), random_state=3, **tables) for _ in range(2))
    pd.testing.assert_frame_equal(first.scores, again.scores)
    other = evaluate(table(0, 80), table(5, 80), random_state=4, **tables)
    quick = evaluate(table(0, 80), table(1, 80), random_state=3, references=other, **tables)
    own, found = ["value", "low", "high"], ["floor", "ceiling", "copy"]
    pd.testing.assert_frame_equal(quick.scores[own], first.scores[own])
    pd.testing.assert_frame_equal(quick.scores[found], other.scores.loc[quick.scores.index, found])
    pd.testing.assert_frame_equal(quick.attacks, first.attacks)
    with pytest.raises(ValueError, match="rows_compared is 80 there and 60 here"):
        evaluate(table(0, 80), table(1, 60), references=other, **tables)


def test_without_rows_held_out_nothing_is_said_about_leaks():
    found = evaluate(table(0, 150), table(1, 150), target="b", types=TYPES)
    assert found.verdicts["lawyer"] == "Leaks: not measured: no rows were held out."
    assert not len(found.attacks) and "leaks" not in set(found.scores["section"])
    assert found.scores["ceiling"].isna().all() and found.scores["floor"].notna().all()
    assert "train synthetic, test real" not in found.scores.index and "same answers" in found.scores.index
    assert "leak" not in found.verdicts["manager"].lower() and found.facts["n_holdout"] == 0
    copied = evaluate(table(0, 150), table(0, 150), types=TYPES)
    assert copied.scores.loc["discriminator AUC", "value"] < 0.3 and "copies" in copied.verdicts["manager"]
    assert "no target was named" in " ".join(copied.warnings) and not len(copied.answers)
    json.loads(copied.to_json())


# -- tables it must put up with --------------------------------------------------------------------------------------------

HOSTILE = {
    "columns lack": lambda d: d[["x", "c"]],
    "one column": lambda d: d[["k"]],
    "text among numbers": lambda d: d.assign(x=d["x"].astype(object).where(d["x"] > 0, "much"), y="oops"),
    "unseen levels": lambda d: d.assign(c="zzz", k="other"),
    "all missing": lambda d: d.assign(x=np.nan, c=None, b=None, d=pd.NaT),
    "infinite": lambda d: d.assign(x=np.inf, y=-np.inf),
    "huge": lambda d: d.assign(x=10**30),
    "no dates": lambda d: d.assign(d="soon"),
    "lists": lambda d: d.assign(c=[[1]] * len(d), x=[{}] * len(d)),
    "target constant": lambda d: d.assign(b=True),
    "few rows": lambda d: d[:20],
}
HARMLESS = {
    "dtypes": lambda d: d.assign(c=d["c"].astype("category"), x=d["x"].astype("Float64"), y=d["y"].astype("Int64")),
    "text": lambda d: d.assign(x=d["x"].map(str), b=d["b"].map(str), d=d["d"].map(str)),
    "yes as 1": lambda d: d.assign(b=d["b"].astype(int)),
    "rows in any order, labels twice": lambda d: d.sample(frac=1, random_state=0).set_index(
        np.zeros(len(d), dtype=int)
    ),
    "more columns, in another order": lambda d: d.assign(more=1)[["more", *d.columns[::-1]]],
}
FIDELITY = ["column shapes", "pair trends", "missingness", "coverage"]


@pytest.fixture(scope="module")
def sound():
    return evaluate(table(0, 100), table(1, 100), holdout=table(2, 100), target="b", keys=["c", "k"], types=TYPES)


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_what_is_wrong_with_synthetic_rows_lowers_scores(sound, change):
    fake = change(table(1, 100))
    tables = dict(holdout=table(2, 100), target="b", keys=["c", "k"], types=TYPES)
    found = evaluate(table(0, 100), fake, references=sound if len(fake) == 100 else None, **tables)
    for score in ("column shapes", "pair trends"):
        assert found.scores.loc[score, "value"] < sound.scores.loc[score, "value"] - 0.02
    json.loads(found.to_json())
    assert repr(found) and found._repr_html_()


@pytest.fixture(scope="module")
def plain():
    return evaluate(table(0, 160), table(1, 160), types=TYPES)


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_how_synthetic_rows_are_stored_changes_nothing(plain, change):
    found = evaluate(table(0, 160), change(table(1, 160)), types=TYPES, references=plain)
    pd.testing.assert_series_equal(found.scores.loc[FIDELITY, "value"], plain.scores.loc[FIDELITY, "value"])


def test_types_are_guessed_where_none_are_given():
    found = evaluate(table(0, 100), table(1, 100))
    assert set(found.columns.index) >= {"x", "y", "c", "b", "d"} and found.scores["value"].notna().all()


@pytest.mark.parametrize("target", ["d", "k"])
def test_a_target_with_one_answer_is_not_learned(target):
    tables = [table(seed, 100)[["x", "c", "d", "k"]] for seed in range(3)]
    types = Types([column for column in TYPES.values() if column.name in "xcdk"])
    found = evaluate(tables[0], tables[1], holdout=tables[2], target=target, types=types)
    assert ("train synthetic, test real" in found.scores.index) == (target != "k")
    assert any("no learner was trained" in note for note in found.warnings) == (target == "k")


def test_unusable_tables_are_refused_with_all_their_problems():
    good = table(0)
    twice = pd.concat([good, good[["x", "c"]]], axis=1)
    with pytest.raises(ValueError, match="6 problem") as error:
        evaluate(good, twice[:3], holdout=[1], target="q", keys=["w"])
    words = ("two columns are named 'x'", "'c'", "fake has 3 rows", "holdout is a list", "target='q'", "'w'")
    assert all(word in str(error.value) for word in words)
    with pytest.raises(ValueError, match="fake has none(.|\n)*holdout has no column 'x'"):
        evaluate(good, good[["id"]], holdout=good.drop(columns="x"), types=TYPES)
    with pytest.raises(ValueError, match="holdout holds the training rows"):
        evaluate(good, table(1), holdout=good.copy(), types=TYPES)
    with pytest.raises(ValueError, match="of kind 'id', which is not compared"):
        evaluate(good, table(1), target="id", types=TYPES)
    with pytest.raises(ValueError, match="column 'x'"):
        evaluate(good.assign(x="text"), table(1), types=TYPES)


def test_the_docs_show_the_table_that_was_found(caught):
    page = Path(__file__).parents[1] / "docs" / "tables.md"
    marks = {True: "caught", False: ""}
    rows = [f"| {name} | " + " | ".join(marks[bool(cell)] for cell in row) + " |" for name, row in caught.T.iterrows()]
    head = ["| | " + " | ".join(caught.index) + " |", "|---" * (len(caught.index) + 1) + "|"]
    begin, end = "<!-- scores: begin -->", "<!-- scores: end -->"
    before, _, rest = page.read_text("utf-8").partition(begin)
    found, there, after = rest.partition(end)
    assert there
    found = found.strip()
    if os.environ.get("GENLAB_WRITE") == "1":
        found = "\n".join(head + rows)
        page.write_text(f"{before}{begin}\n{found}\n{end}{after}", "utf-8")
    assert found == "\n".join(head + rows), "made anew by GENLAB_WRITE=1 pytest tests/test_tables_evaluation.py -k docs"
