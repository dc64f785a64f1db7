"""A method measured by folds: every row is held out once, and the tries of the attacks are added up."""

import numpy as np
import pandas as pd
import pytest

from genlab import tables
from genlab.tables.evaluation.folds import cross_evaluate


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(3)
    x = rng.normal(size=400)
    df = pd.DataFrame({"age": (45 + 12 * x).round(), "vote": np.where(x + rng.normal(size=400) > 0, "left", "right")})
    df["income"] = np.where(rng.random(400) < 0.1, np.nan, (30 + 5 * x + 3 * rng.normal(size=400)).round(1))
    return df, tables.guess(df)


@pytest.fixture(scope="module")
def report(table):
    df, types = table
    told = []
    found = cross_evaluate(
        tables.Synthesizer(random_state=0), df, types=types, folds=4, target="vote", random_state=0,
        progress=lambda done, folds: told.append((done, folds)),
    )  # fmt: skip
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    return found


def test_every_row_is_held_out_once(report):
    assert report.facts["folds"] == 4 and report.facts["n_train"] == 300 and report.facts["n_holdout"] == 100
    assert report.attacks.loc["replicated uniques", "tries"] > 300  # about 100 training rows in each fold


def test_scores_are_those_of_one_evaluation_averaged(report, table):
    df, types = table
    one = tables.evaluate(df.head(200), df.tail(200), holdout=df.tail(200), types=types, target="vote")
    assert list(report.scores.columns) == list(one.scores.columns) and list(report.scores.index) == list(
        one.scores.index
    )
    assert (report.scores["low"] <= report.scores["value"]).all() and (
        report.scores["value"] <= report.scores["high"]
    ).all()
    assert report.scores.loc["pair trends", "floor"] < report.scores.loc["pair trends", "ceiling"]
    assert report.verdicts["lawyer"].startswith(("No leak found by these", "Leak found"))
    assert report.pairs.shape == (3, 3) and list(report.columns.index) == ["age", "vote", "income"]


def test_a_method_that_copies_is_found_out(table):
    df, types = table

    class Copier(tables.Synthesizer):
        def fit(self, df, y=None, *, types=None, progress=None):
            self.rows = df
            return self

        def sample(self, n, **options):
            return self.rows.head(n)

    found = cross_evaluate(Copier(), df, types=types, folds=3)
    assert found.attacks["leak"].any() and found.verdicts["lawyer"].startswith("Leak found")
    assert found.attacks.loc["membership inference", "rate"] > 0.9


def test_the_page_can_be_written(report, tmp_path):
    report.to_html(tmp_path / "report.html")
    assert "<title>" in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize("folds", [1, 21, 2.5, True, "5", None])
def test_folds_that_cannot_be_are_named(table, folds):
    with pytest.raises(ValueError, match="folds="):
        cross_evaluate(tables.Synthesizer(), table[0], types=table[1], folds=folds)


def test_too_few_rows_for_so_many_folds(table):
    with pytest.raises(ValueError, match="too few for 5 folds"):
        cross_evaluate(tables.Synthesizer(), table[0].head(90), types=table[1])
