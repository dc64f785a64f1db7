"""Rows added to real ones: nobody sees the test rows, gains are paired, and the stored studies can be made again."""

import dataclasses
import importlib.util

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats

import genlab as gl
from genlab import tables
from genlab.augment import between, images, learners, rare, rows, shipped, study


@pytest.fixture(scope="module")
def survey():
    return shipped._survey()


@pytest.fixture(scope="module")
def texting():
    return shipped.texting()


# -- rows are dealt once ----------------------------------------------------------------------------------------------


def test_no_row_is_dealt_twice_and_fewer_are_among_more():
    few, check, test = study.deal(1000, 20, seed=3)
    more, same_check, same_test = study.deal(1000, 550, seed=3)
    assert set(few) < set(more) and (check == same_check).all() and (test == same_test).all()
    assert sorted(np.concatenate([more, check, test])) == list(range(1000))
    assert set(study.deal(1000, 20, seed=4)[0]) != set(few)
    for wrong in (551, 9, 20.0):
        with pytest.raises(ValueError, match=r"from 10 to 550; 300 of 1,000 rows are tested with and 150"):
            study.deal(1000, wrong, seed=3)


def test_arms_of_images_see_the_few_rows_alone():
    data, shown = gl.datasets.digits("all"), []

    def spy(few, n, seed):
        shown.append(few)
        return images.repeated(few, n, seed)

    found = images.of_images(data, sizes=(20,), times=(1,), arms={"spy": spy}).study([1])
    learn, *_ = study.deal(len(data), 20, 1)
    assert len(shown) == 1 and torch.equal(shown[0].x, data.x[learn]) and torch.equal(shown[0].y, data.y[learn])
    assert set(found.frame["arm"]) == {"none", "spy"} and set(found.frame["learner"]) == set(images.KNOBS)
    assert found.frame["accuracy"].between(0.2, 0.9).all()


def test_synthesizers_of_tables_see_the_few_rows_alone(survey, monkeypatch):
    (df, types), shown = survey, []

    class Spy(tables.Synthesizer):
        def fit(self, df, **how):
            shown.append(list(df.index))
            return super().fit(df, **how)

    monkeypatch.setattr(rows, "Synthesizer", Spy)
    found = rows.of_rows(df, types, "gender", sizes=(50,), times=(1,), methods=("trees",)).study([1])
    known = rows.answered(df, types, "gender")
    assert shown == [list(known.index[study.deal(len(known), 50, 1)[0]])]
    assert list(found.frame["arm"]) == ["none", "repeated", "trees"] and found.frame["accuracy"].between(0.4, 0.9).all()


def test_moved_images_lie_within_half_a_pixel_and_repeated_ones_are_real():
    few = gl.datasets.digits().head(30)
    x, y = images.repeated(few, 40, seed=1)
    twin = torch.cdist(x.flatten(1), few.x.flatten(1)).min(1)
    assert twin.values.max() == 0 and torch.equal(few.y[twin.indices], y)
    x, y = images.moved(few, 40, seed=1)
    assert x.shape == (40, 1, 8, 8) and 0 <= x.min() and x.max() <= 16
    near = torch.cdist(x.flatten(1), few.x.flatten(1)).argmin(1)
    assert (few.y[near] == y).double().mean() > 0.9 and not torch.equal(x, few.x[near])
    for make in (images.repeated, images.moved):
        again, other = make(few, 5, seed=1)[0], make(few, 5, seed=2)[0]
        assert torch.equal(make(few, 5, seed=1)[0], again) and not torch.equal(again, other)


# -- gains ------------------------------------------------------------------------------------------------------------


def made_up(gain=0.02, noise=0.001):
    """A study in which "good" gains, "bad" loses and "same" does nothing, on rows that differ by seed."""
    rng, found = np.random.default_rng(0), []
    for seed in range(12):
        level = rng.uniform(0.5, 0.9)
        found.append(dict(rows=20, arm="none", added=0, seed=seed, accuracy=level))
        for arm, more in {"good": gain, "bad": -gain, "same": 0.0}.items():
            found.append(dict(rows=20, arm=arm, added=5, seed=seed, accuracy=level + more + rng.normal(0, noise)))
    return study.Study("made up", pd.DataFrame(found), 1.0)


def test_gains_are_paired_by_seed_and_their_intervals_hold_for_all_together():
    found = made_up()
    gains, frame = found.gains("accuracy"), found.frame.pivot(index="seed", columns="arm", values="accuracy")
    more = frame["good"] - frame["none"]
    half = stats.t.ppf(1 - 0.05 / 2 / 3, 11) * more.std() / 12**0.5
    good = gains.loc[(20, "good", 5)]
    assert good["gain"] == pytest.approx(more.mean()) and good["high"] - good["gain"] == pytest.approx(half)
    assert good["low"] > 0.015 and gains.loc[(20, "bad", 5), "high"] < -0.015 and good["seeds"] == 12
    assert gains.loc[(20, "same", 5), "low"] < 0 < gains.loc[(20, "same", 5), "high"]
    shuffled = study.Study("made up", found.frame.sample(frac=1, random_state=1), 1.0)
    assert shuffled.gains("accuracy").loc[(20, "good", 5), "gain"] == pytest.approx(good["gain"])
    holes = found.frame.copy()
    holes.loc[holes["seed"] > holes["seed"].min() + 2, "accuracy"] = np.nan  # what could not be measured is no seed
    few = dataclasses.replace(found, frame=holes).gains("accuracy").loc[(20, "good", 5)]
    assert few["seeds"] == 3 and few["high"] - few["low"] > 2 * (good["high"] - good["low"])
    assert found.means("accuracy").loc[20, "good 5x"] == pytest.approx(frame["good"].mean())


def test_the_sentence_and_the_figure_say_what_the_intervals_decide():
    found = made_up()
    lines = dict(line.split(": ", 1) for line in found.sentence("accuracy").splitlines())
    assert lines["good"].startswith("paid with 20 real rows (most: +2.0 points, +2.0 to +2.1, 20 rows 5x)")
    assert lines["bad"].startswith("cost with 20 real rows") and lines["same"] == "neither paid nor cost beyond chance"
    noisy = dict(line.split(": ", 1) for line in made_up(noise=0.5).sentence("accuracy").splitlines())
    assert set(noisy.values()) == {"neither paid nor cost beyond chance"}
    assert "good: 20 0.02" in gl.plots.describe(found.figure("accuracy"))


def test_bad_seeds_are_named():
    for wrong in (0, [], [-1], "three", [1.5]):
        with pytest.raises(ValueError, match="a number of seeds"):
            gl.augment.digits().study(wrong)


# -- a rare answer ----------------------------------------------------------------------------------------------------


def test_so_many_rows_are_lacking():
    assert rare.lacking(50, 1000, 0.5) == 900 and (50 + 900) / 1900 == 0.5
    assert rare.lacking(100, 1000, 0.2) == 125 and rare.lacking(300, 1000, 0.2) == 0


def test_smote_makes_rows_between_rows_with_their_gaps_and_types(texting):
    df, types = texting
    few = df.sample(300, random_state=1)
    made, own = between.smote(few, types, shipped.DAILY, "yes", 200, 1), few[few[shipped.DAILY] == "yes"]
    assert len(made) == 200 and set(made[shipped.DAILY]) == {"yes"} and list(made) == list(few)
    tall = few["height"].fillna(few["height"].median())[own.index]
    assert made["height"].between(tall.min() - 0.01, tall.max() + 0.01).all()
    assert not made["weight"].isin(few["weight"]).all()  # it lies between
    assert set(made["race"].dropna()) <= set(own["race"].dropna()) and made["gender"].dtype == few["gender"].dtype
    assert (made["age"] % 1 == 0).all()


def test_without_imbalanced_learn_its_name_its_use_and_the_mend_are_said(texting, monkeypatch):
    df, types = texting
    look_up = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "imblearn" else look_up(name))
    with pytest.raises(
        ModuleNotFoundError, match=r'SMOTE is made by imbalanced-learn.*pip install "genlab\[balance\]"'
    ):
        between.smote(df.head(100), types, shipped.DAILY, "yes", 5, 1)
    found = rare.of_rare(df, types, shipped.DAILY, "yes", sizes=(200,), methods=()).study([1])
    assert list(found.frame["arm"]) == ["none", "weights", "repeated"]


def test_rows_by_group_make_the_answer_equally_common(texting):
    df, types = texting
    few = df[df["hispanic"].notna()].sample(2000, random_state=1)
    model = tables.Synthesizer(random_state=1).fit(few, types=types)
    wanted = rare.lacking(int((few[shipped.DAILY] == "yes").sum()), 2000, 0.5)
    made = rare._by_group(model, few, shipped.DAILY, "yes", "hispanic", wanted)
    both = pd.concat([few, made])
    share = (both[shipped.DAILY] == "yes").groupby(both["hispanic"].astype(str)).mean()
    assert abs(len(made) - wanted) <= 1
    before = (few[shipped.DAILY] == "yes").groupby(few["hispanic"].astype(str)).mean()
    assert np.ptp(share) < 0.05  # of all rows made together; and more even than before, as odds
    odds = lambda p: np.log(p / (1 - p))
    assert np.ptp(odds(share)) < np.ptp(odds(before)) / 2


def test_scores_of_known_orders():
    test = pd.DataFrame({"y": ["no"] * 90 + ["yes"] * 10, "g": (["a"] * 5 + ["b"] * 5) * 10})
    truth = (test["y"] == "yes").to_numpy()
    perfect = rare._scores(truth + 0.0, test, "y", "yes", "g", ("a", "b"))
    assert perfect["precision"] == perfect["recall"] == perfect["found"] == 1 and perfect["gap"] == 0
    assert perfect["says yes"] == 0.1
    one_sided = rare._scores(truth * (test["g"] == "a") + 0.0, test, "y", "yes", "g", ("a", "b"))
    assert one_sided["found: a"] == 1 and one_sided["gap"] > 0.5
    assert rare._scores(truth * (test["g"] == "a") + 0.0, test, "y", "yes", "g", ("b", "a"))["gap"] == -one_sided["gap"]
    assert rare._scores(1.0 - truth, test, "y", "yes", None, ())["found"] == 0


def test_weights_and_repeated_rows_are_the_same_to_a_logistic_regression(texting):
    df, types = texting
    few = df.sample(600, random_state=2).assign(
        **{shipped.DAILY: lambda d: np.where(d[shipped.DAILY] == "yes", "1", "0")}
    )
    own, check = few.head(300), few.tail(300)
    again = pd.concat([own, *[own[own[shipped.DAILY] == "1"]] * 3])
    weighed = next(
        learners.fitted(
            learners.known(types, shipped.DAILY, own, check, check), 1, np.where(own[shipped.DAILY] == "1", 4.0, 1.0)
        )
    )
    repeated = next(learners.fitted(learners.known(types, shipped.DAILY, again, check, check), 1))
    assert np.corrcoef(weighed[1][:, 1], repeated[1][:, 1])[0, 1] > 0.95


def test_all_that_is_wrong_with_the_columns_is_said_at_once(survey):
    df, types = survey
    with pytest.raises(ValueError, match=r"(?s)2 problem.*yes='ten': 'gender' has the levels.*groups='age'"):
        rare.of_rare(df, types, "gender", "ten", groups="age")
    with pytest.raises(ValueError, match="target='height': no column with levels; there are 'gender', 'grade'"):
        rows.of_rows(df, types, "height")


# -- stored studies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", gl.augment.EXPERIMENTS)
def test_every_study_is_stored_with_its_machine_and_day(name):
    experiment = gl.augment.EXPERIMENTS[name]()
    found = experiment.stored()
    assert "torch" in found.made and found.seconds > 60
    assert sorted(found.frame["rows"].unique()) == list(experiment.sizes)
    seeds = found.frame.groupby("rows")["seed"].nunique()
    assert seeds.nunique() == 1 and seeds.min() >= 8 and found.frame["seed"].min() == study.FIRST_SEED


def part(name):
    """An experiment with the quick ones of its arms."""
    if name == "digits":
        quick = {arm: images.ARMS[arm] for arm in ("repeated", "moved", "VAE")}
        return images.of_images(arms=quick)
    if name == "survey":
        return rows.of_rows(*shipped._survey(), "gender", methods=("trees",))
    return rare.of_rare(*shipped.texting(), shipped.DAILY, "yes", groups="hispanic", methods=("trees",))


@pytest.mark.parametrize(("name", "score"), [("digits", "accuracy"), ("survey", "accuracy"), ("rare", "precision")])
def test_a_part_of_the_stored_study_comes_out_again(name, score):
    experiment = gl.augment.EXPERIMENTS[name]()
    kept, size = experiment.stored().frame, experiment.sizes[0]
    again = part(name).study([study.FIRST_SEED], sizes=[size]).frame
    keys = [key for key in ("learner", "arm", "added") if key in again]
    kept = kept[(kept["seed"] == study.FIRST_SEED) & (kept["rows"] == size)].set_index(keys)[score]
    again = again.set_index(keys)[score]
    assert len(again) >= 4 and set(again.index) < set(kept.index)
    network = ["VAE" in key for key in again.index]  # whose rounding may differ between machines
    kept = kept[again.index].to_numpy()
    assert kept == pytest.approx(again.to_numpy(), abs=0.03)
    assert kept[~np.array(network)] == pytest.approx(again[~np.array(network)].to_numpy(), abs=0.005)


def test_a_study_comes_back_whole_and_not_by_another_recipe(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "HERE", tmp_path / "studies")
    found, recipe = made_up(), dict(sizes=[20])
    experiment = study.Experiment("made up", (20,), None, recipe)
    with pytest.raises(ValueError, match="no study of 'made up' is stored"):
        experiment.stored()
    assert found.save(experiment).parent == tmp_path / "studies"
    back = experiment.stored()
    assert back.made and np.allclose(back.frame["accuracy"], found.frame["accuracy"], atol=1e-5)
    assert back.frame.drop(columns="accuracy").equals(found.frame.drop(columns="accuracy"))
    with pytest.raises(ValueError, match="by another recipe"):
        dataclasses.replace(experiment, recipe=dict(sizes=[21])).stored()


@pytest.mark.parametrize("stop", [ValueError("no rare answer here"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
def test_a_seed_that_stops_loses_nothing_of_the_others(stop):
    def once(rows, seed):
        if seed == 7:
            raise stop
        return [
            dict(rows=rows, arm=arm, added=n, seed=seed, accuracy=0.5 + n / 10 + seed / 100)
            for arm, n in (("none", 0), ("a", 1))
        ]

    found = study.Experiment("made up", (20,), once, {}).study([5, 6, 7, 8])
    after = [] if isinstance(stop, KeyboardInterrupt) else [8]
    assert sorted(set(found.frame["seed"])) == [5, 6, *after] and list(found.left) == [7]
    assert "seed 7 is left out: " in found.sentence("accuracy")
    with pytest.raises(ValueError, match="no seed came to an end; seed 7"):
        study.Experiment("made up", (20,), once, {}).study([7])
