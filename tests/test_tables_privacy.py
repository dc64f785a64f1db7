"""Formal privacy of tables: what is paid, what is refused, what comes out, and an audit that can fail."""

import dataclasses
import json
import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from scipy.optimize import brentq

from genlab import files, tables
from genlab.tables.evaluation.audit import audit, clopper
from genlab.tables.splitting import split
from genlab.tables.synthesis import margins, modelfile, privacy
from genlab.tables.synthesis.modelfile import ModelFileError
from genlab.tables.synthesis.privacy import Ledger, Spent, epsilon_of, rho_of
from genlab.tables.synthesis.synthesizer import Synthesizer


@pytest.fixture(scope="module")
def survey():
    """The shipped survey with its types, split, and a private model of the training half."""
    df, types = tables.read(files.read("survey.csv"), types=files.read("survey.types.json"))
    train, holdout = split(df, random_state=0)
    return (
        train,
        holdout,
        types,
        Synthesizer("marginals", epsilon=3.0, delta=1e-5, random_state=0).fit(train, types=types),
    )


def few(n=600, seed=0):
    """A small table and its declared types: a number follows from a level, and another is by itself."""
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 3, n)
    df = pd.DataFrame(
        {"a": np.array(["x", "y", "z"])[a], "b": a * 10 + rng.integers(0, 4, n), "c": rng.integers(0, 9, n)}
    )
    types = tables.guess(df).set("a", kind="category", levels=["x", "y", "z"])
    known = dict(kind="number", step=1, missing=[])
    return df, types.set("b", range=(0, 25), **known).set("c", range=(0, 8), **known)


# -- accounting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delta", [1e-9, 1e-5, 1e-2])
@pytest.mark.parametrize("rho", [1e-4, 0.03, 0.2, 2.0, 20.0])
def test_epsilon_lies_between_the_exact_one_of_a_gaussian_and_the_simple_bound(rho, delta):
    mu = math.sqrt(2 * rho)  # a Gaussian mechanism of this rho, exactly (Balle and Wang, 2018, Theorem 8)
    missed = lambda e: (
        scipy.stats.norm.cdf(mu / 2 - e / mu) - math.exp(e) * scipy.stats.norm.cdf(-mu / 2 - e / mu) - delta
    )
    exact = brentq(missed, 0, 200) if missed(0) > 0 else 0.0
    simple = rho + 2 * math.sqrt(rho * math.log(1 / delta))  # Bun and Steinke, 2016, Proposition 1.3
    assert exact <= epsilon_of(rho, delta) + 1e-9 and epsilon_of(rho, delta) < simple


@pytest.mark.parametrize("epsilon", [0.1, 1, 3, 10, 100])
def test_a_budget_buys_what_it_says_and_more_buys_more(epsilon):
    assert epsilon * (1 - 1e-6) < epsilon_of(rho_of(epsilon, 1e-5), 1e-5) <= epsilon
    assert rho_of(epsilon, 1e-5) < rho_of(1.1 * epsilon, 1e-5) and rho_of(epsilon, 1e-6) < rho_of(epsilon, 1e-5)


def test_noise_is_the_discrete_gaussian():
    for sigma in (0.5, 3.3, 40.0):
        drawn = privacy.discrete_gaussian(sigma, 100_000, np.random.default_rng(1))
        assert drawn.dtype == np.int64
        k = np.arange(-math.ceil(6 * sigma) - 1, math.ceil(6 * sigma) + 2)
        p = np.exp(-(k**2) / (2 * sigma**2))
        p /= p.sum()
        seen = np.array([(drawn == x).sum() for x in k])
        big = p * len(drawn) > 20
        assert scipy.stats.chisquare(seen[big], p[big] / p[big].sum() * seen[big].sum()).pvalue > 1e-3
    assert (privacy.discrete_gaussian(0.01, 1000, np.random.default_rng(1)) == 0).all()


def test_what_one_row_changes_is_what_is_paid_for():
    ledger = Ledger(1.0, 1e-5, np.random.default_rng(0), seeded=True)
    _, sigma = ledger.counts("a", np.zeros(5), ledger.rho / 4)
    assert sigma == pytest.approx(math.sqrt(2 / (2 * ledger.rho / 4)))  # two cells by one: squared change 2
    far = sum(ledger.choose("b", [0.0, 40.0], ledger.rho / 100) for _ in range(25))
    pull = math.exp(math.sqrt(8 * ledger.rho / 100) * 40 / (2 * privacy.SCORE))
    assert abs(far / 25 - pull / (1 + pull)) < 0.3


def test_a_ledger_refuses_what_it_cannot_pay_and_counts_what_it_did():
    ledger = Ledger(1.0, 1e-5, np.random.default_rng(0), seeded=False)
    ledger.counts("half", [1, 2], ledger.rho / 2)
    with pytest.raises(ValueError, match="left of the budget"):
        ledger.counts("more", [1, 2], 0.6 * ledger.rho)
    with pytest.raises(ValueError, match="left of the budget"):
        ledger.choose("nothing", [1, 2], 0.0)
    assert [item[0] for item in ledger.items] == ["half"]
    twice = ledger.spent() + ledger.spent()
    assert twice.rho == pytest.approx(ledger.rho)


def test_every_look_at_the_rows_is_an_item_and_all_are_within_the_budget(survey):
    spent = survey[3].privacy_spent()
    assert 0.9 * rho_of(3.0, 1e-5) < spent.rho <= rho_of(3.0, 1e-5) * (1 + 1e-9)
    assert epsilon_of(spent.rho, spent.delta) <= 3.0 + 1e-6 and spent.items["share"].sum() == pytest.approx(1)
    names = " ".join(spent.items.index)
    assert all(name in names for name in survey[2]) and "values of weight" in names and "range of" not in names
    assert "at most" not in names and "e^" not in spent.sentence() and "20.1 times" in spent.sentence()
    assert "fixed random_state" in spent.sentence() and "weak" not in spent.sentence()
    assert "<table" in spent._repr_html_() and "number of rows" in repr(spent)


# -- what is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (dict(method="marginals"), "epsilon is a required number"),
        (dict(method="marginals", epsilon=1.0), "delta is a required number"),
        (dict(method="marginals", epsilon=True, delta=1e-5), "epsilon=True"),
        (dict(method="marginals", epsilon=math.nan, delta=1e-5), "epsilon=nan"),
        (dict(method="marginals", epsilon=-1, delta=0), "2 problem"),
        (dict(epsilon=1.0), "has no privacy budget"),
        (dict(method="vae", delta=1e-5), "has no privacy budget"),
    ],
)
def test_a_budget_that_is_none_is_refused(how, said):
    df, types = few()
    with pytest.raises(ValueError, match=said):
        Synthesizer(**how).fit(df, types=types)


def test_types_that_were_read_off_the_rows_are_refused_all_at_once():
    df, _ = few()
    model = Synthesizer("marginals", epsilon=3.0, delta=1e-5)
    with pytest.raises(ValueError, match="must be given, not guessed"):
        model.fit(df)
    df = df.assign(same="k", day=pd.Timestamp("2024-01-01") + pd.to_timedelta(df["b"], unit="D"))
    with pytest.raises(ValueError, match=r"5 problem") as caught:
        model.fit(df, types=tables.guess(df))
    assert "types.set('a', levels=['x', 'y', 'z'])" in str(caught.value) and "'same'" in str(caught.value)
    assert "types.set('b', step=1, missing=[], range=(...))" in str(caught.value)


def test_one_row_cannot_change_what_values_can_be_made():
    df, types = few()
    types = tables.guess(df).set(
        "a", levels=["x", "y", "z"]
    )  # the rest is guessed, and refused also when it comes from a file
    model = Synthesizer("marginals", epsilon=3.0, delta=1e-5)
    for given in (types, tables.Types.from_json(types.to_json())):
        with pytest.raises(ValueError, match="'b': its step and its codes for no answer were read off the rows"):
            model.fit(df, types=given.set("b", range=(0, 25)).set("c", range=(0, 8), step=1))
    made = []
    for other in (df, df.assign(b=df["b"].where(df.index != 5, 7.5)), df.assign(b=df["b"].where(df.index != 5))):
        types = tables.guess(other).set("a", levels=["x", "y", "z"])
        types.set(["b", "c"], kind="number", step=1, missing=[], range=(0, 25))
        made.append(Synthesizer("marginals", epsilon=3.0, delta=1e-5, random_state=0).fit(other, types=types))
    assert {str(model.types_["b"].dtype) for model in made} == {"int64"}
    assert all((model.sample(500)["b"].dropna() % 1 == 0).all() for model in made)


def test_two_promises_add_up_to_what_was_promised_however_little_was_used():
    df, types = few()
    one = Synthesizer("marginals", epsilon=1.0, delta=1e-5, random_state=0).fit(df, types=types).privacy_spent()
    cheap = dataclasses.replace(one, bought=one.bought[:1])
    both = epsilon_of(2 * rho_of(1.0, 1e-5), 1e-5)
    assert (one + one).epsilon == (cheap + cheap).epsilon == pytest.approx(both)
    assert (one + one + one).epsilon == pytest.approx(epsilon_of(3 * rho_of(1.0, 1e-5), 1e-5), rel=1e-3)


@pytest.mark.parametrize("change", [dict(epsilon=0.01), dict(bought=[]), dict(delta=1e-300)])
def test_a_promise_from_a_file_that_contradicts_itself_is_refused(change):
    df, types = few()
    spent = Synthesizer("marginals", epsilon=1.0, delta=1e-5, random_state=0).fit(df, types=types).privacy_spent()
    assert Spent.from_json(spent.to_json()).to_json() == spent.to_json()
    with pytest.raises(ValueError, match="more than it promises|delta=1e-300"):
        Spent.from_json(spent.to_json() | change)


def test_a_table_without_a_column_to_learn_is_refused():
    df = pd.DataFrame({"words": [f"so {k} many different words" for k in range(200)]})
    with pytest.raises(ValueError, match="no column is left to learn"):
        Synthesizer("marginals", epsilon=1.0, delta=1e-5).fit(df, types=tables.guess(df).set("words", kind="text"))


def test_too_little_is_refused_and_what_is_named_is_enough():
    df, types = few(300)
    with pytest.raises(ValueError, match="too little for 300 rows") as caught:
        Synthesizer("marginals", epsilon=0.5, delta=1e-5).fit(df, types=types)
    least = float(str(caught.value).split("take epsilon=")[1].split(" ")[0])
    rows = int(str(caught.value).split("or more, ")[1].split(" rows")[0].replace(",", ""))
    Synthesizer("marginals", epsilon=least, delta=1e-5).fit(df, types=types)
    Synthesizer("marginals", epsilon=0.5, delta=1e-5).fit(few(rows)[0], types=types)
    with pytest.raises(ValueError, match="must be below 1 / rows"):
        Synthesizer("marginals", epsilon=5.0, delta=0.01).fit(df, types=types)


def test_other_methods_have_spent_nothing_that_can_be_told():
    with pytest.raises(ValueError, match="promises no formal privacy"):
        Synthesizer(random_state=0).fit(few()[0]).privacy_spent()


# -- what comes out -----------------------------------------------------------------------------------------------------


def test_relations_are_kept_and_more_so_with_more_epsilon():
    df, types = few(2000)
    near = lambda e: Synthesizer("marginals", epsilon=e, delta=1e-6, random_state=0).fit(df, types=types).sample(4000)
    right = [(fake["b"] // 10 == fake["a"].map({"x": 0, "y": 1, "z": 2})).mean() for fake in (near(1), near(10))]
    assert right[1] > 0.9 and right[0] > 0.6
    assert near(1)["a"].dtype == df["a"].dtype and near(1)["b"].between(0, 25).all()


def test_a_range_that_is_not_declared_is_bought_and_holds_the_rows():
    df, types = few(3000)
    df["b"] = df["b"] * 37 - 200
    types.set("b", range=())
    model = Synthesizer("marginals", epsilon=3.0, delta=1e-5, random_state=1).fit(df, types=types)
    assert "range of b" in model.privacy_spent().items.index and model.types_["b"].range == (-255, 1023)
    assert abs(model.sample(3000)["b"].mean() - df["b"].mean()) < 60


def test_common_values_are_found_and_none_is_made_out_of_noise():
    x = np.concatenate([np.full(900, 54.43), np.random.default_rng(0).uniform(30, 150, 2000).round(2)])
    df = pd.DataFrame({"kg": x})
    types = tables.guess(df).set("kg", kind="number", step=0.01, missing=[], range=(25, 200))
    model = Synthesizer("marginals", epsilon=3.0, delta=1e-5, random_state=0).fit(df, types=types)
    assert [place for place in model.codes_[0].places if place is not None] == [54.43]
    assert abs((model.sample(3000)["kg"] == 54.43).mean() - 900 / 2900) < 0.05


def test_the_survey_is_alike_and_the_questions_are_answered(survey):
    train, holdout, types, model = survey
    fake = model.sample(len(train))
    assert (fake.dtypes == train.dtypes).all() and list(fake) == list(train)
    tall = lambda df: df.groupby("gender", observed=True)["height"].mean().diff().iloc[-1]
    assert abs(tall(fake) - tall(train)) < 0.02
    assert np.isfinite(model.log_prob(holdout)).all()
    assert (model.sample(100, where={"gender": "male"})["gender"] == "male").all()
    some = holdout[holdout["gender"].notna()].head(2000)
    said = model.predict_proba(some, "gender")
    assert (
        np.allclose(said.sum(axis=1), 1) and (said[["female", "male"]].idxmax(axis=1) == some["gender"]).mean() > 0.78
    )


def test_ids_and_texts_are_not_looked_at():
    df, types = few()
    wide = df.assign(key=[f"K{i}" for i in range(len(df))], number=np.arange(len(df), dtype="int32"), note="long text")
    column = {
        name: tables.Column(name, kind, dtype=str(wide[name].dtype))
        for name, kind in dict(key="id", number="id", note="text").items()
    }
    model = Synthesizer("marginals", epsilon=5.0, delta=1e-5).fit(
        wide, types=tables.Types([*types.values(), *column.values()])
    )
    fake = model.sample(500)
    assert fake["number"].dtype == "int32" and fake["number"].is_unique and fake["key"].is_unique and "note" not in fake


# -- files and reports --------------------------------------------------------------------------------------------------


def test_a_loaded_model_is_the_same_and_its_folder_does_not_tell_the_seed(survey, tmp_path):
    _, holdout, _, model = survey
    folder = model.save(tmp_path / "m")
    assert sorted(path.name for path in folder.iterdir()) == ["marginals.npz", "model.json"]
    assert json.loads((folder / "model.json").read_text("utf-8"))["knobs"]["random_state"] is None
    loaded = Synthesizer.load(folder)
    assert loaded.privacy_spent() == model.privacy_spent() or repr(loaded.privacy_spent()) == repr(
        model.privacy_spent()
    )
    assert loaded.sample(500, random_state=3).equals(model.sample(500, random_state=3))
    assert loaded.log_prob(holdout).equals(model.log_prob(holdout))
    where = dict(where={"gender": "male"}, random_state=1)
    assert loaded.sample(50, **where).equals(model.sample(50, **where))


@pytest.mark.parametrize("name", ["p", "group", "table"])
@pytest.mark.parametrize("change", [lambda x: x[:-1], lambda x: x * 2 + 1, lambda x: x.astype(np.float16)])
def test_damaged_models_are_refused(survey, tmp_path, name, change):
    folder = survey[3].save(tmp_path / "m")
    arrays = dict(np.load(folder / "marginals.npz"))
    np.savez(folder / "marginals.npz", **(arrays | {name: change(arrays[name])}))
    outline = json.loads((folder / "model.json").read_text("utf-8"))
    outline["digest"] = modelfile._digest(folder / "marginals.npz")
    (folder / "model.json").write_text(json.dumps(outline), "utf-8")
    with pytest.raises(ModelFileError):
        Synthesizer.load(folder)


def test_card_and_report_tell_what_was_spent_and_that_the_report_is_not_private():
    df, types = few(400)
    train, holdout = split(df, random_state=0)
    model = Synthesizer("marginals", epsilon=9.0, delta=1e-5, random_state=7).fit(train, types=types)
    fake, spent = model.sample(200), model.privacy_spent()
    told = tables.card(fake, model)
    assert told["differentially_private"] is True and told["privacy"]["epsilon"] == 9.0
    assert told["parameters"]["random_state"] == "not told" and "weak promise" in " ".join(told["protected"])
    report = tables.evaluate(train, fake, holdout=holdout, types=types, privacy=spent)
    assert spent.sentence() in repr(report) and "not private itself" in repr(report)
    assert "not_private" not in told and "scores" in tables.card(fake, model, report=report)["not_private"]
    with pytest.raises(ValueError, match="privacy_spent"):
        tables.evaluate(train, fake, types=types, privacy=3.0)


# -- the audit ----------------------------------------------------------------------------------------------------------


def test_the_audit_does_not_convict_the_noise_and_convicts_it_when_it_is_broken():
    fine, broken = audit(3.0, fits=300, random_state=0), audit(3.0, fits=300, noise=0.1, random_state=0)
    assert not fine.convicts and fine.bound <= 3.0 and "does not refute" in fine.sentence()
    assert broken.convicts and broken.bound > 3.0 and "broken" in broken.sentence()


def test_bounds_of_rates_are_one_sided():
    none = np.zeros(100, dtype=bool)
    assert clopper(none, lower=False) == pytest.approx(1 - 0.0125 ** (1 / 100)) and clopper(none, lower=True) == 0
    assert clopper(~none, lower=True) == pytest.approx(0.0125 ** (1 / 100)) and clopper(~none, lower=False) == 1


def test_projection_is_the_nearest():
    rng = np.random.default_rng(0)
    x = rng.normal(size=8) * 5
    p = margins.simplex(x, 10)
    assert p.sum() == pytest.approx(10) and p.min() >= 0
    others = rng.dirichlet(np.full(8, 0.3), 3000) * 10
    assert (((others - x) ** 2).sum(1) >= ((p - x) ** 2).sum() - 1e-9).all()


def test_an_audit_refuses_what_it_cannot_audit_all_at_once():
    with pytest.raises(ValueError, match="4 problem") as caught:
        audit(-1, delta=2, fits=3, noise=math.nan)
    assert all(word in str(caught.value) for word in ("epsilon=-1", "delta=2", "fits=3", "noise=nan"))
