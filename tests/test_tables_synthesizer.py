"""The tree model of tables: what goes in comes out alike, questions are answered, and its file holds no rows."""

import io
import itertools
import json
import random
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from genlab import files, tables
from genlab.tables.splitting import split
from genlab.tables.synthesis import modelfile
from genlab.tables.synthesis.modelfile import ModelFileError
from genlab.tables.synthesis.synthesizer import Synthesizer


@pytest.fixture(scope="module")
def survey():
    """The shipped survey with its types, split, and a model of the training half."""
    df, types = tables.read(files.read("survey.csv"), types=files.read("survey.types.json"))
    train, holdout = split(df, random_state=0)
    return train, holdout, types, Synthesizer(random_state=0).fit(train, types=types)


def mixed(n=400, seed=0):
    """A table with a column of every dtype and kind."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    answers = np.array(["never", "rarely", "often"])[np.clip((x + 1.5).astype(int), 0, 2)]
    df = pd.DataFrame(
        {
            "person": np.arange(1, n + 1),
            "count": rng.poisson(3, n),
            "nullable": pd.array(rng.integers(0, 9, n), dtype="Int64"),
            "price": np.round(20 + 5 * x + rng.normal(size=n), 2),
            "small": rng.normal(size=n).astype("float32").round(1),
            "flag": x > 0,
            "maybe": pd.array(rng.random(n) > 0.3, dtype="boolean"),
            "colour": rng.choice(["red", "green", "blue"], n),
            "word": pd.array(rng.choice(["a", "b"], n), dtype="string"),
            "scale": pd.Categorical(answers, ["never", "rarely", "often"], ordered=True),
            "group": pd.Categorical(rng.choice(["u", "v"], n), ["v", "u"]),
            "arrow": pd.array(rng.integers(0, 5, n), dtype="int64[pyarrow]"),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
            "moment": pd.Timestamp("2024-01-01", tz="Europe/Berlin")
            + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
            "written": [f"{d:02d}.03.2024" for d in rng.integers(13, 31, n)],
            "same": "x",
            7: rng.integers(0, 2, n),
        }
    )
    for column in ("nullable", "price", "maybe", "colour", "word", "scale", "day"):
        df.loc[rng.random(n) < 0.1, column] = None
    return df


# -- what goes in comes out alike ---------------------------------------------------------------------------------------


def test_every_dtype_comes_out_as_it_went_in(tmp_path):
    df = mixed()
    model = Synthesizer(random_state=0).fit(df)
    for fake in (model.sample(300), model.sample(7), Synthesizer.load(model.save(tmp_path / "m")).sample(300)):
        assert list(fake.columns) == list(df.columns)
        assert fake.dtypes.to_dict() == df.dtypes.to_dict()
    fake = model.sample(300)
    assert set(fake["scale"].dropna()) == {"never", "rarely", "often"} and fake["scale"].cat.ordered
    assert fake["price"].dropna().map(lambda x: round(x, 2) == x).all()
    assert (fake["same"] == "x").all() and fake["written"].str.fullmatch(r"\d\d\.03\.2024").all()
    assert fake["day"].dropna().between("2024-01-01", "2024-03-31").all()
    for name in df:  # about as many empty cells
        assert abs(fake[name].isna().mean() - df[name].isna().mean()) < 0.08


@pytest.mark.parametrize("name", ["trees", "autoregressive"])
def test_chunks_make_one_table_whose_ids_go_on(name):
    df = mixed().assign(key=[f"K{i}" for i in range(400)])
    model = Synthesizer(name, random_state=0).fit(df)
    parts = list(model.chunks(1050, chunksize=500, where={"colour": "red"}, random_state=1))
    assert [len(part) for part in parts] == [500, 500, 50] and all((part.dtypes == df.dtypes).all() for part in parts)
    table = pd.concat(parts)
    assert table.index.equals(pd.RangeIndex(1050)) and (table["colour"] == "red").all()
    assert table["person"].is_unique and table["key"].is_unique and table["person"].min() > 400
    again = pd.concat(model.chunks(1050, chunksize=500, where={"colour": "red"}, random_state=1))
    pd.testing.assert_frame_equal(table, again)
    assert abs(table["count"].mean() - df["count"].mean()) < 0.5


def test_chunks_are_checked_before_the_first_is_asked_for(survey):
    with pytest.raises(ValueError, match=r"2 problem\(s\)"):
        survey[3].chunks(0, chunksize=-5)
    with pytest.raises(ValueError, match="gender"):
        survey[3].chunks(10, where={"gender": "other"})


def test_ids_are_made_anew_and_text_is_left_out():
    df = mixed(200).assign(note=[f"a long remark number {i} that nobody else made, so it is told" for i in range(200)])
    df["code"] = [f"AB-{i:05d}" for i in range(200)]
    model = Synthesizer(random_state=0).fit(df)
    fake = model.sample(500)
    assert model.left_out_ == ["note"] and "note" not in fake
    for name in ("person", "code"):
        assert fake[name].is_unique and not set(fake[name]) & set(df[name])


def test_relations_are_learned_and_independent_columns_lose_them():
    df = mixed(3000).dropna()
    gap = lambda d: d.loc[d["flag"], "price"].mean() - d.loc[~d["flag"], "price"].mean()
    fake = Synthesizer(random_state=0).fit(df).sample(3000)
    loose = Synthesizer("independent", random_state=0).fit(df).sample(3000)
    assert gap(df) > 7 and abs(gap(fake) - gap(df)) < 0.5
    assert abs(gap(loose)) < 1


def test_a_declared_rare_level_is_made_and_an_undeclared_one_is_not():
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"job": rng.choice(["clerk", "cook"], 1000), "age": rng.integers(20, 60, 1000)})
    df.loc[:2, "job"] = "mayor"
    quiet = Synthesizer(random_state=0).fit(df)
    assert quiet.codes_[0].left_out == 1 and "mayor" not in set(quiet.sample(20_000)["job"])
    types = tables.guess(df).set("job", kind="category", levels=["clerk", "cook", "mayor"])
    assert "mayor" in set(Synthesizer(random_state=0).fit(df, types=types).sample(20_000)["job"])


def test_declared_codes_are_answers_of_their_own():
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"income": rng.normal(3000, 500, 2000).round(), "group": rng.choice(list("ab"), 2000)})
    df.loc[(df.index % 5 == 0) & (df["group"] == "a"), "income"] = -8
    types = tables.guess(df).set("income", kind="number", missing=[-8])
    fake = Synthesizer(random_state=0).fit(df, types=types).sample(4000)
    assert not ((fake["income"] < 500) & (fake["income"] != -8)).any()
    assert abs((fake.loc[fake["group"] == "a", "income"] == -8).mean() - 0.2) < 0.05
    assert not (fake.loc[fake["group"] == "b", "income"] == -8).any()


def skipping(n=3000):
    rng = np.random.default_rng(1)
    df = pd.DataFrame({"age": rng.integers(18, 80, n), "smokes": rng.choice(["yes", "no", "used to"], n)})
    df["a day"] = np.where(df["smokes"] == "yes", rng.poisson(10, n).astype(float), np.nan)
    df["quit at"] = np.where(df["smokes"] == "used to", df["age"] - rng.integers(1, 10, n), np.nan)
    return df


@pytest.mark.parametrize("where", [None, {"a day": None}, {"smokes": "yes"}, {"a day": 10}])
def test_skip_patterns_are_kept_without_exception(where):
    fake = Synthesizer(random_state=0).fit(skipping()).sample(20_000, where=where)
    assert (fake["a day"].notna() == (fake["smokes"] == "yes")).all()
    assert (fake["quit at"].notna() == (fake["smokes"] == "used to")).all()


def test_what_was_not_asked_is_not_imputed():
    df = skipping()
    gaps = df.copy()
    gaps.loc[gaps.index % 3 == 0, "a day"] = np.nan
    full = Synthesizer(random_state=0).fit(df).impute(gaps)
    assert full["a day"].notna().equals(df["smokes"] == "yes")


# -- chance -------------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_rows_whatever_else_is_drawn(survey):
    train, _, types, model = survey
    few = train.head(800)
    state = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    first = Synthesizer(random_state=5).fit(few, types=types).sample(100)
    np.random.default_rng(3).random(7)
    second = Synthesizer(random_state=5).fit(few, types=types).sample(100)
    assert first.equals(second)
    assert (np.random.get_state()[1] == state[0]).all() and random.getstate() == state[1]  # noqa: NPY002
    assert not first.equals(Synthesizer(random_state=6).fit(few, types=types).sample(100))
    asked = model.predict_proba(train.head(20), "race")
    model.sample(5, where={"gender": "male"})
    assert model.predict_proba(train.head(20), "race").equals(asked)
    assert not model.sample(50, random_state=1).equals(model.sample(50, random_state=2))


def test_copies_differ_and_come_as_a_list(survey):
    copies = survey[3].sample(50, copies=3, random_state=0)
    assert len(copies) == 3 and not copies[0].equals(copies[1])


def test_scikit_learn_s_conventions():
    model = Synthesizer(min_leaf=30, random_state=4)
    assert (
        clone(model).get_params()
        == model.get_params()
        == dict(method="trees", epsilon=None, delta=None, min_leaf=30, rare=5, trees=1, prior="normal", random_state=4)
    )
    assert clone(model).set_params(min_leaf=7).min_leaf == 7
    with pytest.raises(Exception, match="call fit"):
        model.sample(3)


# -- probabilities ------------------------------------------------------------------------------------------------------


def test_the_probabilities_of_all_rows_sum_to_one():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 3, 500)
    df = pd.DataFrame({"a": a, "b": np.where(rng.random(500) < 0.8, a > 1, a > 0), "c": rng.choice(["x", "y"], 500)})
    df.loc[rng.random(500) < 0.1, "c"] = None
    model = Synthesizer(random_state=0).fit(df)
    rows = pd.DataFrame(itertools.product([0, 1, 2], [False, True], ["x", "y", None]), columns=list("abc"))
    assert np.exp(model.log_prob(rows)).sum() == pytest.approx(1, abs=0.02)  # the rest: an empty a or b, never seen
    p = model.predict_proba(rows, "b")
    assert np.allclose(
        np.log(p.to_numpy()[np.arange(len(p)), rows["b"].astype(int)]), model.log_prob(rows, "b"), atol=0.01
    )
    assert np.allclose(p.sum(axis=1), 1) and (p > 0).all(axis=None)


def test_numbers_count_at_their_own_resolution():
    rng = np.random.default_rng(0)
    x = rng.normal(size=5000)
    model = Synthesizer(random_state=0).fit(pd.DataFrame({"x": x.round(3)}))
    fresh = pd.DataFrame({"x": rng.normal(size=5000).round(3)})
    truth = -0.5 * fresh["x"] ** 2 - 0.5 * np.log(2 * np.pi) + np.log(0.001)
    assert model.log_prob(fresh).mean() == pytest.approx(truth.mean(), abs=0.1)


def test_probabilities_are_better_than_the_marginals_and_calibrated(survey):
    train, holdout, _, model = survey
    rows = holdout.dropna(subset=["gender", "helmet_12m"]).head(3000)
    for target in ("gender", "helmet_12m"):
        p = model.predict_proba(rows, target)
        right = p.columns.get_indexer(rows[target])
        score = np.log(p.to_numpy()[np.arange(len(p)), right]).mean()
        marginal = np.log(train[target].value_counts(normalize=True, dropna=False)).reindex(rows[target]).mean()
        assert score > marginal + (0.25 if target == "gender" else 0.01)
    p = model.predict_proba(rows, "gender")["female"]
    tenths = pd.qcut(p, 10, labels=False)
    gap = (p.groupby(tenths).mean() - (rows["gender"] == "female").groupby(tenths).mean()).abs()
    assert gap.mean() < 0.05


def test_conditions_are_met_and_their_frequencies_real(survey):
    train, holdout, _, model = survey
    fake = model.sample(
        4000, where={"gender": "female", "age": [16.0, 17.0], "weight": pd.Interval(50, 70, closed="both")}
    )
    assert (
        (fake["gender"] == "female").all() and fake["age"].isin([16, 17]).all() and fake["weight"].between(50, 70).all()
    )
    real = holdout[(holdout["gender"] == "female") & holdout["age"].isin([16, 17]) & holdout["weight"].between(50, 70)]
    shares = lambda d, c: d[c].value_counts(normalize=True, dropna=False).sort_index()
    for column in ("age", "race", "helmet_12m", "strength_training_7d"):
        both = pd.concat([shares(fake, column), shares(real, column)], axis=1).fillna(0).to_numpy()
        noise = np.sqrt(both[:, 1] * (1 - both[:, 1]) / len(real) + 0.25 / len(real))
        assert (np.abs(both[:, 0] - both[:, 1]) < 3.5 * noise).all(), column


def test_a_single_number_is_written_as_it_was_asked_for():
    df = pd.DataFrame({"x": np.random.default_rng(0).normal(size=500).round(4), "g": ["a", "b"] * 250})
    assert (Synthesizer(random_state=0).fit(df).sample(20, where={"x": 0.1234})["x"] == 0.1234).all()


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"gender": "unknown"}, ["'gender': 'unknown' was not learned; there are female, male"]),
        ({"nothing": 1}, ["'nothing': no such column"]),
        ({"gender": []}, ["an empty list allows nothing"]),
        ({"gender": pd.Interval(0, 1)}, ["an interval is for numbers and dates"]),
        ({"age": 1e9}, ["was not learned"]),
        ({"age": pd.Interval(90, 99)}, ["no value that was learned lies in (90, 99]"]),
        ({"age": {}}, ["neither a value"]),
        ("gender", ["must be a dict"]),
        ({"gender": "x", "age": "y"}, ["2 problem(s)", "'gender'", "'age'"]),
    ],
)
def test_conditions_that_cannot_be_met_say_why(survey, where, words):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        survey[3].sample(5, where=where)
    assert all(word in str(caught.value) for word in words)


# -- gaps ---------------------------------------------------------------------------------------------------------------


def test_imputation_beats_mode_and_mean_and_says_how_sure_it_is(survey):
    _, holdout, _, model = survey
    rows = holdout.dropna().head(1500).reset_index(drop=True)
    rng = np.random.default_rng(0)
    gone = {name: rng.random(len(rows)) < 0.3 for name in ("gender", "height", "age")}
    gaps = rows.copy()
    for name, cells in gone.items():
        gaps[name] = gaps[name].mask(cells)
    draws = model.impute(gaps, draws=20, random_state=0)
    assert all(draw.notna().all(axis=None) and draw.dtypes.equals(rows.dtypes) for draw in draws)
    assert all(draw.where(~gaps.isna()).equals(gaps) for draw in draws)  # what was there stays
    cells = gone["gender"]
    votes = pd.concat([draw["gender"][cells] == "male" for draw in draws], axis=1).mean(axis=1) > 0.5
    assert ((rows["gender"][cells] == "male") == votes).mean() > rows["gender"].value_counts(normalize=True).max() + 0.2
    for name in ("height", "age"):
        cells, truth = gone[name], rows[name][gone[name]]
        made = pd.concat([draw[name][cells] for draw in draws], axis=1)
        error = lambda guess: np.sqrt(((guess - truth) ** 2).mean())  # noqa: B023
        assert error(made.mean(axis=1)) < 0.85 * error(rows[name][~cells].mean())
        low, high = made.quantile(0.05, axis=1), made.quantile(0.95, axis=1)
        assert 0.8 < ((truth >= low) & (truth <= high)).mean() < 0.99  # of 20 draws, 90 % by name


def test_partial_synthesis_changes_the_named_columns_alone(survey):
    _, holdout, _, model = survey
    rows = holdout.head(400)
    made = model.replace(rows, ["weight", "race"], random_state=0)
    assert made.drop(columns=["weight", "race"]).equals(rows.drop(columns=["weight", "race"]))
    assert made.dtypes.equals(rows.dtypes) and (made["weight"] != rows["weight"]).mean() > 0.5
    there = made["weight"].notna() & made["height"].notna()
    assert made.loc[there, "weight"].corr(made.loc[there, "height"]) > 0.3


# -- privacy by construction --------------------------------------------------------------------------------------------


def test_the_leaf_size_is_the_privacy_knob(survey):
    train, _, types, _ = survey
    few = train.dropna().drop(columns=["height", "weight"])
    rows = set(few.astype(str).agg("|".join, axis=1))
    shares = [
        Synthesizer(min_leaf=leaf, random_state=0).fit(few, types=types_of(types, few)).sample(4000).astype(str)
        .agg("|".join, axis=1).isin(rows).mean()
        for leaf in (1, 20, 400)
    ]  # fmt: skip
    assert shares[0] >= shares[1] > shares[2]


def types_of(types, df):
    return tables.Types(types[name] for name in df)


def everything_in(folder):
    """All text of a model's folder, its arrays unpacked and printed."""
    text = (folder / "model.json").read_text("utf-8")
    with np.load(folder / "trees.npz") as arrays:
        return text + " ".join(str(value) for name in arrays for value in arrays[name].tolist())


def test_the_file_holds_no_rare_value_no_id_and_no_text(tmp_path):
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"income": rng.lognormal(8, 1, 2000).round(2), "job": rng.choice(["clerk", "cook"], 2000)})
    df["id"] = [f"K{i * 7919:07d}" for i in range(2000)]
    df["remark"] = [f"I live at number {i}, the house with the green door and the old dog" for i in range(2000)]
    df.loc[5, ["income", "job"]] = [1234567.89, "lighthouse keeper"]
    df["year"] = rng.integers(1950, 2000, 2000)
    df.loc[6, "year"] = 1871
    model = Synthesizer(random_state=0).fit(df)
    text = everything_in(model.save(tmp_path / "m"))
    rare = [f"{value:.2f}" for value in df["income"]] + ["lighthouse", "1871", "green door"] + list(df["id"])
    found = [value for value in rare if value in text]
    assert found == []
    fake = model.sample(20_000)
    assert fake["income"].max() < 1e6 and fake["year"].min() >= 1940
    assert "clerk" in text  # the search finds what is there


# -- files --------------------------------------------------------------------------------------------------------------


def test_a_loaded_model_samples_and_answers(survey, tmp_path):
    train, holdout, _, model = survey
    loaded = Synthesizer.load(model.save(tmp_path / "m"))
    assert loaded.get_params() == model.get_params() and loaded.types_ == model.types_
    assert loaded.sample(500, random_state=3).equals(model.sample(500, random_state=3))
    assert loaded.log_prob(holdout).equals(model.log_prob(holdout))
    own, real = (m.predict_proba(holdout.head(2000), "gender")["female"] for m in (loaded, model))
    assert own.corr(real) > 0.9  # it grew this tree on rows of its own
    assert (loaded.sample(100, where={"gender": "male"})["gender"] == "male").all()


def test_nothing_is_lost_when_saving_fails(survey, tmp_path, monkeypatch):
    folder = survey[3].save(tmp_path / "m")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(modelfile.np, "savez_compressed", fail)
    with pytest.raises(OSError, match="disk full"):
        survey[3].save(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_folder_of_something_else_is_not_overwritten(survey, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("x")
    with pytest.raises(FileExistsError, match="no model"):
        survey[3].save(tmp_path / "photos")
    with pytest.raises(FileNotFoundError, match="make it first"):
        survey[3].save(tmp_path / "no" / "m")


def change(folder, **changes):
    rest = json.loads((folder / "model.json").read_text("utf-8"))
    (folder / "model.json").write_text(json.dumps(rest | changes), "utf-8")


def arrays_of(folder):
    with np.load(folder / "trees.npz") as found:
        return {name: found[name] for name in found}


def put(folder, arrays):
    np.savez_compressed(folder / "trees.npz", **arrays)
    change(folder, digest=modelfile._digest(folder / "trees.npz"))


def bomb(folder):
    """An array that claims 80 GB."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<i4", "fortran_order": False, "shape": (20_000_000_000,)})
    with zipfile.ZipFile(folder / "trees.npz", "w") as file:
        for name in (*modelfile.NODES, *modelfile.ENTRIES, "nodes", "entries"):
            file.writestr(f"{name}.npy", head.getvalue())
    change(folder, digest=modelfile._digest(folder / "trees.npz"))


def pickled(folder):
    put(folder, arrays_of(folder) | {"count": np.array([{}], dtype=object)})


DAMAGES = {
    "flipped bit": lambda f: (f / "trees.npz").write_bytes(
        bytes([*(f / "trees.npz").read_bytes()[:-9], 1, *b"12345678"])
    ),
    "cut off": lambda f: (f / "trees.npz").write_bytes((f / "trees.npz").read_bytes()[:500]),
    "no trees": lambda f: (f / "trees.npz").unlink(),
    "no json": lambda f: (f / "model.json").write_text("hello"),
    "deep json": lambda f: (f / "model.json").write_text("[" * 100_000),
    "a list": lambda f: (f / "model.json").write_text("[1]"),
    "newer": lambda f: change(f, **{"genlab.tables.synthesis.synthesizer": 99}),
    "huge rows": lambda f: change(f, n_rows=10**30),
    "negative rows": lambda f: change(f, n_rows=-1),
    "knobs": lambda f: change(f, knobs=dict(method="pickle", min_leaf=0, rare=1, trees=1, random_state=0)),
    "few codes": lambda f: change(f, codes=[]),
    "odd codes": lambda f: change(f, codes=[dict(places=[[{}]], left_out=0)] * 13),
    "skips": lambda f: change(f, skips=[[0, 99, [[0, 0]]]]),
    "chain": lambda f: change(f, conditionals=[[0, [5], 1]]),
    "loop": lambda f: put(f, arrays_of(f) | {"left": np.zeros_like(arrays_of(f)["left"])}),
    "codes beyond": lambda f: put(f, arrays_of(f) | {"code": arrays_of(f)["code"] + 9999}),
    "lengths": lambda f: put(f, arrays_of(f) | {"nodes": arrays_of(f)["nodes"] * 7}),
    "bomb": bomb,
    "pickle": pickled,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_and_hostile_files_are_refused_in_one_sentence(survey, tmp_path, damage, refuses):
    folder = survey[3].save(tmp_path / "m")
    DAMAGES[damage](folder)
    refuses(folder)


def test_a_missing_folder_says_so(tmp_path):
    with pytest.raises(ModelFileError, match="is no model"):
        Synthesizer.load(tmp_path / "nothing")


# -- bad input ----------------------------------------------------------------------------------------------------------


def test_all_problems_with_a_call_come_at_once(survey):
    train, _, types, model = survey
    with pytest.raises(ValueError, match=r"3 problem\(s\)"):
        Synthesizer("tree", min_leaf=0, rare=True).fit(train)
    with pytest.raises(ValueError, match="at least 10"):
        Synthesizer().fit(train.head(4), types=types)
    for bad in (0, -1, 2.5, True, "5", 10**12):
        with pytest.raises(ValueError, match="n="):
            model.sample(bad)
    with pytest.raises(ValueError, match="no such column was learned"):
        model.predict_proba(train, "income")
    with pytest.raises(ValueError, match="learned column is not in the table"):
        model.log_prob(train.drop(columns=["age"]))
    with pytest.raises(ValueError, match="'income'"):
        model.replace(train, ["income"])
    with pytest.raises(ValueError, match="DataFrame"):
        model.impute([1, 2])
    with pytest.raises(ValueError, match="no rows"):
        model.impute(train.head(0))


@pytest.mark.parametrize("holdout", [0, 1, -0.5, "half", True, None])
def test_split_names_a_holdout_that_cannot_be(holdout):
    with pytest.raises(ValueError, match="holdout="):
        split(pd.DataFrame({"a": range(10)}), holdout=holdout)


def test_split_keeps_every_row_once():
    df = pd.DataFrame({"a": range(101)})
    train, holdout = split(df, holdout=0.3, random_state=1)
    assert len(holdout) == 30 and pd.concat([train, holdout]).sort_index().equals(df)
    assert split(df, holdout=0.3, random_state=1)[0].equals(train)


def test_progress_is_told_column_by_column():
    told = []
    Synthesizer().fit(mixed(100), progress=lambda done, columns: told.append((done, columns)))
    assert told == [(i, len(told)) for i in range(1, len(told) + 1)]
