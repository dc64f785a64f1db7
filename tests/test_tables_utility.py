"""Utility: learning from synthetic rows, the same answers, and errors that cover the truth as often as they say."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from genlab.tables.evaluation.analyses import beside, combine, overlap, same_answer
from genlab.tables.evaluation.questions import Questions, information, least_squares, logistic, same_answers
from genlab.tables.evaluation.scales import on_common_scales
from genlab.tables.evaluation.utility import Task, classes, train_on
from genlab.tables.types import Column, Types

TYPES = Types(
    [
        Column("x", "number", missing=(-8,)),
        Column("q", "ordinal", levels=("low", "middle", "high"), declared=True),
        Column("town", "category", levels=("A", "B", "C")),
        Column("vote", "boolean", levels=("no", "yes")),
    ]
)


def table(seed, n=800):
    rng = np.random.default_rng(seed)
    z, noise = rng.normal(size=n), rng.normal(size=(n, 3))
    x = np.where(rng.random(n) < 0.05, -8, np.round(10 * z))
    return pd.DataFrame(
        {
            "x": x,
            "q": np.array(["low", "middle", "high"])[np.clip(np.round(z + noise[:, 0] + 1), 0, 2).astype(int)],
            "town": np.array(list("ABC"))[np.clip(np.round(z + noise[:, 1] + 1), 0, 2).astype(int)],
            "vote": np.where(z + noise[:, 2] > 0, "yes", "no"),
        }
    )


@pytest.fixture(scope="module")
def coded():
    return on_common_scales(TYPES, table(0), fresh=table(1), holdout=table(2))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("vote", {"yes", "no"}),
        ("x", {"the rest", "above 0"}),
        ("q", {"the rest", "above middle"}),
        ("town", set("ABC")),
    ],
)
def test_targets_of_every_kind_are_learned(coded, target, words):
    rng = np.random.default_rng(0)
    task = Task(coded["train"], coded["holdout"], target, rng)
    assert set(task.words) == words
    real = task.learn(coded["train"])
    area, ratio = train_on(task, coded["fresh"], real)
    assert area.value > 0.65 and ratio.low < ratio.value < ratio.high and abs(ratio.value - 1) < 0.06
    shuffled, low = train_on(task, coded["train"].shuffled(rng), real)
    assert shuffled.value < area.value - 0.1 and low.value < 0.87
    same, whole = train_on(task, coded["train"], real)
    assert whole == (1, 1, 1) and same.value == real[0].mean()
    assert abs(task.cross(coded["holdout"]).mean() - area.value) < 0.05


def test_a_median_that_is_the_largest_value_is_at_or_above():
    types = Types([Column("x", "number")])
    train = on_common_scales(types, pd.DataFrame({"x": [0.0] * 40 + [1.0] * 60}))["train"]
    place, words = classes(train, "x")
    assert words == ["the rest", "at or above 1"] and list(place[-2:]) == [0, 1]
    train = on_common_scales(types, pd.DataFrame({"x": [0.0] * 60 + [1.0] * 40}))["train"]
    assert classes(train, "x")[1] == ["the rest", "above 0"]


def test_a_target_without_two_answers_is_not_learned(coded):
    one = table(0).assign(vote="yes")
    found = on_common_scales(TYPES, one, holdout=one)
    assert Task(found["train"], found["holdout"], "vote", np.random.default_rng(0)).scored == []
    task = Task(coded["train"], coded["holdout"], "vote", np.random.default_rng(0))
    fake = on_common_scales(TYPES, table(0), fake=one, holdout=table(2))["fake"]
    assert train_on(task, fake, task.learn(coded["train"]))[0].value == 0.5  # nothing learned is a coin


# -- the same answers -------------------------------------------------------------------------------------------------


def test_overlap_by_hand():
    ends = [np.array(x, dtype=float) for x in ([0, 0, 0, 0, 1], [2, 2, 2, 2, 1], [1, 0, 3, 0.5, 1], [3, 2, 4, 1.5, 1])]
    assert overlap(*ends) == pytest.approx([0.5, 1, 0, 0.75, 1])
    assert overlap(np.array([np.nan]), ends[1][:1], ends[2][:1], ends[3][:1]) == 0


def test_same_answer_of_groups():
    fn = lambda d: d.groupby("town")["x"].mean()
    found = same_answer(fn, table(0), table(1), table(2), repeats=100)
    assert list(found.index) == ["A", "B", "C"] and found["real"]["A"] == pytest.approx(fn(table(0))["A"])
    assert found[["overlap", "holdout_overlap"]].to_numpy().mean() > 0.4
    assert found.loc[["A", "C"], ["same_sign", "same_significance"]].all(axis=None)
    x = table(0).loc[lambda d: d["town"] == "A", "x"]
    half = (found.loc["A", "real_high"] - found.loc["A", "real_low"]) / 2
    assert half == pytest.approx(1.96 * x.std() / np.sqrt(len(x)), rel=0.3)  # of the resampling, too
    pd.testing.assert_frame_equal(found, same_answer(fn, table(0), table(1), table(2), repeats=100))
    alone = same_answer(fn, table(0), table(0), repeats=20)
    assert (alone["overlap"] > 0.7).all() and "holdout" not in alone


def test_answers_that_one_table_cannot_give_do_not_overlap():
    fn = lambda d: d["town"].value_counts(normalize=True)
    found = same_answer(fn, table(0), table(1).query("town != 'C'"), repeats=50)
    assert (
        found.loc["C", "overlap"] == 0 and np.isnan(found.loc["C", "fake"]) and not found.loc["C", "same_significance"]
    )
    found = same_answer(fn, table(0).query("town != 'C'"), table(1), repeats=50)
    assert found.loc["C", "overlap"] == 0


def test_numbers_frames_and_variances_are_answers():
    one = same_answer(lambda d: d["x"].mean(), table(0), table(1), repeats=20)
    assert list(one.index) == ["estimate"]
    many = same_answer(
        lambda d: d.pivot_table(index="town", columns="vote", values="x"), table(0), table(1), repeats=20
    )
    assert "A, yes" in many.index and len(many) == 6
    pair = same_answer(lambda d: (d["x"].mean(), d["x"].var() / len(d)), table(0), table(1))
    assert pair.loc["estimate", "real_high"] > pair.loc["estimate", "real"]
    coded_differently = same_answer(lambda d: d.groupby("k")["x"].mean(), *(
        pd.DataFrame({"k": np.array([1, 2] * 50, dtype=kind), "x": np.arange(100.0)}) for kind in (int, float)
    ), repeats=20)  # fmt: skip
    assert list(coded_differently.index) == ["1", "2"] and coded_differently["overlap"].min() > 0


@pytest.mark.parametrize(
    ("fn", "words"),
    [
        (lambda d: d["age"].mean(), "fn failed on the train table: KeyError: 'age'"),
        (lambda d: d["x"].mean() if "q" in d else d["q"], "fn failed on the fake table: KeyError: 'q'"),
        (lambda d: "many", "fn failed on the train table: TypeError: it gave a str"),
        (lambda d: pd.Series([1.0, 2.0], ["a", "a"]), "two estimates named 'a'"),
        (lambda d: (1.0, -1.0), "variance below 0"),
        (lambda d: 1.0 if d.index[0] == 99 else 1 / 0, "ZeroDivisionError"),
    ],
)
def test_what_goes_wrong_in_an_analysis_is_said_of_its_table(fn, words):
    with pytest.raises(ValueError, match="fn failed|estimates") as error:
        same_answer(fn, table(0, 100), table(1, 100).drop(columns="q"), repeats=5)
    assert words in str(error.value)


def test_all_problems_of_a_call_come_at_once():
    with pytest.raises(ValueError, match=r"4 problem") as error:
        same_answer("mean", table(0), [], table(1).iloc[:0], repeats=1)
    assert all(word in str(error.value) for word in ("fn='mean'", "fake is a list", "holdout has no rows", "repeats=1"))
    with pytest.raises(ValueError, match="copies is empty"):
        combine(lambda d: 1.0, [])
    with pytest.raises(ValueError, match="two copies(.|\n)*level=2(.|\n)*n_train=0"):
        combine(lambda d: 1.0, [table(0)], partial=True, level=2, n_train=0)
    with pytest.raises(ValueError, match="differ in length"):
        combine(lambda d: 1.0, [table(0), table(0, 20)])
    with pytest.raises(ValueError, match=r"combine: fn failed on copies\[1\]: KeyError"):
        combine(lambda d: (d["q"].eq("low").mean(), 1.0), [table(0), table(1).drop(columns="q")])


def test_resamples_that_fail_now_and_then_are_left_out_and_often_stop_it():
    def fn(d):
        if (d["town"] == "rare").sum() == 0:
            raise KeyError("rare")
        return (d["town"] == "rare").mean()

    some = lambda n: table(0, 100).assign(town=["rare"] * n + ["A"] * (100 - n))
    assert same_answer(fn, some(3), some(3), repeats=100)["overlap"].iloc[0] > 0.5
    with pytest.raises(ValueError, match="of 100 resamples of the train table: KeyError"):
        same_answer(lambda d: fn(d) if (d["town"] == "rare").sum() == 3 else {}["rare"], some(3), some(3), repeats=100)


# -- several copies ---------------------------------------------------------------------------------------------------


def mean_and_slope(d):
    """Estimates of a mean and of a regression slope, and their variances, as an analyst would take them from one table."""
    x, y, n = d["x"].to_numpy() - d["x"].mean(), d["y"].to_numpy(), len(d)
    slope = (x * y).sum() / (x**2).sum()
    residual = y - y.mean() - slope * x
    names = ["mean", "slope"]
    variances = [y.var(ddof=1) / n, (residual**2).sum() / (n - 2) / (x**2).sum()]
    return pd.Series([y.mean(), slope], names), pd.Series(variances, names)


def covered(found, truth):
    return ((found["low"] <= truth) & (truth <= found["high"])).to_numpy()


@pytest.mark.parametrize(("m", "k"), [(1, 100), (5, 100), (3, 400)])
def test_intervals_from_copies_of_a_fitted_model_cover_the_truth(m, k):
    """A normal model, fitted once and drawn from m times: 95 % intervals cover in 95 % of 300 replications."""
    rng, n, runs, truth = np.random.default_rng(m), 100, 300, np.array([1.0, 0.5])
    hits, naive = np.zeros(2), np.zeros(2)
    for _ in range(runs):
        x = rng.normal(size=n)
        real = np.column_stack([x, 1 + 0.5 * x + rng.normal(size=n)])
        mean, spread = real.mean(axis=0), np.cov(real, rowvar=False)
        copies = [pd.DataFrame(rng.multivariate_normal(mean, spread, size=k), columns=["x", "y"]) for _ in range(m)]
        found = combine(mean_and_slope, copies, n_train=n)
        hits += covered(found, truth)
        half = 1.96 * np.sqrt(found["within"])  # as if the rows of one copy were real
        first = mean_and_slope(copies[0])[0]
        naive += ((first - half <= truth) & (truth <= first + half)).to_numpy()
    assert (np.abs(hits / runs - 0.95) < 0.038).all(), hits / runs  # three standard errors
    assert (naive / runs < 0.88).all(), naive / runs


def test_shares_from_copies_of_a_multinomial_are_covered_with_resampled_variances():
    rng, truth, hits = np.random.default_rng(0), np.array([0.6, 0.3, 0.1]), 0
    fn = lambda d: d["a"].value_counts(normalize=True).reindex(["a", "b", "c"], fill_value=0.0)
    for _ in range(40):
        shares = rng.multinomial(150, truth) / 150
        copies = [pd.DataFrame({"a": rng.choice(list("abc"), 150, p=shares)}) for _ in range(2)]
        hits = hits + covered(combine(fn, copies, repeats=30), truth)
    assert (hits / 40 > 0.85).all()


def test_intervals_from_partly_replaced_copies_cover_the_truth():
    """The y of real rows drawn anew, five times, from a regression fitted once (Reiter, 2003)."""
    rng, n, runs, truth = np.random.default_rng(0), 100, 300, np.array([1.0, 0.5])
    hits = np.zeros(2)
    for _ in range(runs):
        x = rng.normal(size=n)
        y = 1 + 0.5 * x + rng.normal(size=n)
        slope, constant = np.polyfit(x, y, 1)
        spread = np.sqrt(((y - constant - slope * x) ** 2).sum() / (n - 2))
        copies = [pd.DataFrame({"x": x, "y": constant + slope * x + spread * rng.normal(size=n)}) for _ in range(5)]
        hits += covered(combine(mean_and_slope, copies, partial=True), truth)
    assert (np.abs(hits / runs - 0.95) < 0.038).all(), hits / runs


def test_combine_by_hand():
    copies = [pd.DataFrame({"x": values}) for values in ([1.0, 3.0], [3.0, 5.0])]
    fn = lambda d: (d["x"].mean(), 0.5)
    found = combine(fn, copies, n_train=4).iloc[0]
    assert found["estimate"] == 3 and found["within"] == 0.5 and found["between"] == 2
    assert found["se"] == pytest.approx(np.sqrt(0.5 * (2 / 4 + 1 / 2)))
    assert combine(fn, copies, partial=True).iloc[0]["se"] == pytest.approx(np.sqrt(0.5 + 2 / 2))
    narrow, wide = (combine(fn, copies, level=level).iloc[0] for level in (0.5, 0.99))
    assert narrow["high"] < wide["high"] and narrow["se"] == wide["se"]
    same = combine(fn, [copies[0]] * 2, partial=True).iloc[0]  # no spread between copies: a normal interval
    assert same["high"] - same["estimate"] == pytest.approx(1.959964 * same["se"])


# -- questions of a report --------------------------------------------------------------------------------------------


def test_a_report_asks_cross_tables_and_a_regression(coded):
    questions = Questions(coded["train"], "vote")
    score, answers = same_answers(
        questions, dict(real=coded["train"], fake=coded["fresh"], holdout=coded["holdout"]), np.random.default_rng(0)
    )
    frame = table(0)
    word = questions.words[1]
    percent = frame[frame["q"] == "low"]["vote"].eq(word).mean() * 100
    assert answers.loc[f"% vote: {word} | q: low", "real"] == pytest.approx(percent)
    assert set(answers["question"]) == {
        *(f"cross-table with {name}" for name in ("x", "q", "town")),
        "logistic regression",
    }
    assert 0.4 < score.low < score.value < score.high <= 1
    assert questions.overlap(coded["train"]) == 1
    assert questions.overlap(coded["train"].shuffled(np.random.default_rng(1))) < 0.4
    pd.testing.assert_series_equal(answers["overlap"], beside(
        {"real": questions.ask(coded["train"]), "fake": questions.ask(coded["fresh"])})["overlap"])  # fmt: skip


@pytest.mark.parametrize("target", ["x", "q", "town", "vote"])
@pytest.mark.parametrize("change", [{"vote": np.nan}, {"x": "a"}, {"town": "elsewhere", "q": None}])
def test_answers_of_a_broken_table_are_low_and_never_raise(target, change):
    found = on_common_scales(TYPES, table(0), fake=table(1).astype(object).assign(**change), fresh=table(1))
    questions = Questions(found["train"], target)
    assert 0 <= questions.overlap(found["fake"]) < questions.overlap(found["fresh"])


def test_regressions_are_scikit_learns():
    rng = np.random.default_rng(0)
    x = np.column_stack([np.ones(2000), rng.normal(size=(2000, 2))])
    y = x @ [0.5, 1.0, -1.0] + rng.normal(size=2000)
    b, variance = least_squares(x, y)
    assert b[1:] == pytest.approx(LinearRegression().fit(x[:, 1:], y).coef_, rel=1e-3)
    assert np.sqrt(variance) == pytest.approx(1 / np.sqrt(2000), rel=0.1)
    b, variance = logistic(x, y > 0)
    model = LogisticRegression(C=np.inf).fit(x[:, 1:], y > 0)
    assert b[1:] == pytest.approx(model.coef_[0], rel=0.01)
    again = [logistic(x[rows], y[rows] > 0)[0] for rows in rng.integers(2000, size=(100, 2000))]
    assert np.sqrt(variance) == pytest.approx(np.std(again, axis=0), rel=0.3)
    b, variance = logistic(
        np.column_stack([np.ones(50), np.arange(50) - 24.5]), np.arange(50) > 24
    )  # nothing in between
    assert np.isfinite(b).all() and np.isfinite(variance).all()


def test_information_of_independent_columns_is_nothing():
    rng = np.random.default_rng(0)
    a, b = rng.integers(5, size=(2, 5000))
    assert abs(information(a, b)) < 0.002 and information(a, a) == pytest.approx(np.log(5), rel=0.01)
