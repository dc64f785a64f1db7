"""Networks that learn tables: the masks hold, what is learned is the table, files come back, and nothing hostile is loaded."""

import json
import signal
import sys
import threading

import numpy as np
import pandas as pd
import pytest
import torch

from genlab import files, storage, tables
from genlab.autoregressive import AutoregressiveParams
from genlab.parts import INITIALISE, Streams
from genlab.tables.splitting import split
from genlab.tables.synthesis import joint, modelfile, networks
from genlab.tables.synthesis.by_code import ByCode, Mixture
from genlab.tables.synthesis.by_column import Grouped
from genlab.tables.synthesis.by_game import ByGame, Rows, asked
from genlab.tables.synthesis.synthesizer import Synthesizer


@pytest.fixture(scope="module", autouse=True)
def short():
    """Fewer epochs than there may be, so that they are soon over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ByGame, "epochs", 3)
        patch.setattr(ByCode, "epochs", 25)
        yield


@pytest.fixture(scope="module", params=["autoregressive", "vae", "gan"])
def survey(request, short):
    """The shipped survey with its types, split, and a network that has learned 3,000 rows of the training half."""
    df, types = tables.read(files.read("survey.csv"), types=files.read("survey.types.json"))
    train, holdout = split(df, random_state=0)
    train = train.head(3000)
    return train, holdout, types, Synthesizer(request.param, random_state=0).fit(train, types=types)


# -- the network --------------------------------------------------------------------------------------------------------


def small():
    counts = [torch.tensor([3.0, 0.0, 5.0]), torch.tensor([1.0, 1.0]), torch.tensor([2.0, 2.0, 2.0, 4.0])]
    return Grouped(counts, AutoregressiveParams(hidden=8), Streams(1, INITIALISE))


def test_a_column_sees_those_before_it_and_no_other():
    network, x = small(), torch.tensor([[0, 1, 3], [2, 0, 1]])
    with torch.no_grad():
        network.out.normal_(generator=torch.Generator().manual_seed(1))
        plain = network(x)
        for changed in range(3):
            other = x.clone()
            other[:, changed] = (other[:, changed] + 1) % network.sizes[changed]
            moved = (network(other) != plain).any(-1).any(0)
            assert moved.tolist() == [j > changed for j in range(3)]


def test_one_column_alone_is_what_the_whole_pass_gives():
    network, x = small(), torch.tensor([[0, 1, 3], [2, 0, 1], [3, 2, 4]])  # the last row has cells without a code
    with torch.no_grad():
        network.out.normal_(generator=torch.Generator().manual_seed(1))
        logits = network(x)
        for j, size in enumerate(network.sizes.tolist()):
            assert torch.allclose(network.column(j, x[:, :j]), logits[:, j, :size], atol=1e-5)
    assert network.counted(x).tolist() == [[True] * 3, [True] * 3, [False] * 3]


def test_it_starts_at_the_margins_and_never_makes_what_does_not_occur():
    network = small()
    with torch.no_grad():
        network.out.zero_()
        p = network(torch.zeros(1, 3, dtype=torch.long)).softmax(-1)[0]
    assert torch.allclose(p[0], torch.tensor([3 / 8, 0, 5 / 8, 0, 0])) and p[0, 1] == 0
    assert torch.allclose(p[2, :4], torch.tensor([0.2, 0.2, 0.2, 0.4]))


# -- what it learns -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["autoregressive", "vae", "gan"])
def test_it_learns_what_hangs_together_and_keeps_what_excludes_each_other(method):
    rng = np.random.default_rng(0)
    a = rng.integers(0, 3, 2000)
    sum_of = np.where(rng.random(2000) < 0.9, a * 2, rng.integers(0, 6, 2000))
    asked = np.where(a == 0, None, np.where(rng.random(2000) < 0.5, "yes", "no"))  # those with a 0 are not asked
    df = pd.DataFrame({"a": a, "b": sum_of, "asked": asked})
    model = Synthesizer(method, random_state=1).fit(df)
    fake = model.sample(4000)
    assert fake.loc[fake["a"] == 0, "asked"].isna().all() and fake.loc[fake["a"] > 0, "asked"].notna().all()
    if method == "vae":  # of three columns its codes make a weak copy; the survey shows that it learns
        return
    if method == "gan":
        assert (fake["b"] == 2 * fake["a"]).mean() > 0.75  # of 0.92; by chance it would be 0.32
        return
    for value in range(3):
        rows = fake[fake["a"] == value]
        assert abs(len(rows) / 4000 - (a == value).mean()) < 0.05
        assert abs((rows["b"] == 2 * value).mean() - 0.917) < 0.05
    margins = Synthesizer("independent", random_state=1).fit(df)
    assert model.log_prob(df).mean() > margins.log_prob(df).mean() + 0.8  # of 1.2 nats that the columns share


def test_it_tells_held_out_rows_about_as_well_as_trees(survey):
    train, holdout, types, model = survey
    if model.method == "gan":  # has no probabilities
        return
    trees = Synthesizer(random_state=0).fit(train, types=types)
    margins = Synthesizer("independent", random_state=0).fit(train, types=types)
    own, other, floor = (m.log_prob(holdout.head(2000)).mean() for m in (model, trees, margins))
    assert own > floor + 1 and own > other - (0.3 if model.method == "autoregressive" else 2)
    history = model.history_
    assert list(history.columns) == ["learned", "held back"] and model.stopped_ is None
    assert history["held back"].min() < history["held back"].iloc[0] and len(history) < networks.EPOCHS


def test_the_same_seed_gives_the_same_rows_and_types_stay(survey):
    train, _, types, model = survey
    again = Synthesizer(model.method, random_state=0).fit(train, types=types)
    fake = model.sample(300)
    assert fake.equals(again.sample(300)) and not fake.equals(model.sample(300, random_state=5))
    assert list(fake.columns) == list(train.columns) and (fake.dtypes == train.dtypes).all()
    assert model.left_out_ == []


def test_a_gan_is_judged_by_pairs_and_has_no_probabilities(survey):
    train, holdout, types, model = survey
    if model.method != "gan":
        return
    history = model.history_
    assert list(history.columns) == ["learned, pairs off", "held back, pairs off"] and len(history) == 3
    assert (history > 0).all(axis=None) and (history < 0.3).all(axis=None)
    with pytest.raises(ValueError, match="has no probabilities of rows"):
        model.log_prob(holdout)
    assert np.isfinite(model.log_prob(holdout.head(200), "gender")).all()  # of one column, by trees


def test_rows_are_asked_for_by_a_code_that_they_have():
    rows, x = Rows([3, 2]), torch.tensor([[0, 1], [2, 0], [3, 1], [1, 2]])  # the last two have a cell without a code
    spread = rows.spread(x)
    assert spread.tolist() == [[1, 0, 0, 0, 1], [0, 0, 1, 1, 0], [0, 0, 0, 0, 1], [0, 1, 0, 0, 0]]
    taken = set()
    for _, real, y in asked(((step, x, None) for step in range(50)), rows, Streams(0, INITIALISE)):
        assert (real == spread).all() and (real.gather(1, y[:, None]) == 1).all()
        taken.add(y[0].item())
    assert taken == {0, 4}  # now one column asks, now another


def test_what_a_gan_is_judged_by_is_the_distance_of_two_way_margins():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 2, 2000)
    df = pd.DataFrame({"a": a, "b": a, "c": rng.integers(0, 2, 2000)}).astype(str)
    model = Synthesizer("gan", random_state=0).fit(df)
    learned, codes = model._joint, np.stack([one.encode(df[one.column.name]) for one in model.codes_], 1)
    assert learned.cost(learned.network, torch.from_numpy(codes)) < 0.05
    codes[:, 1] = (
        3 - codes[:, 1]
    )  # now a and b differ where they were equal: this pair is all wrong, the others are not
    assert abs(learned.cost(learned.network, torch.from_numpy(codes)) - 1 / 3) < 0.05


# -- where the codes of a VAE come from ---------------------------------------------------------------------------------


def test_a_mixture_has_the_moments_of_what_it_gathers_and_knows_its_density():
    rng = np.random.default_rng(0)
    mean = torch.from_numpy(rng.normal(rng.choice([-3.0, 3.0], (400, 1)), 0.5, (400, 3))).float()
    log_var = torch.from_numpy(rng.normal(-1, 0.2, (400, 3))).float()
    mean[0] = 50.0  # far from all: no part of its own
    found = Mixture.of(mean, log_var, 20, 0)
    share = found.logits.softmax(0)
    assert 2 <= len(share) <= 10 and share.min() > 19.9 / 400 and found.log_var.isfinite().all()
    whole = (share @ found.mean, share @ (found.log_var.exp() + found.mean.square()))
    assert torch.allclose(whole[0], mean.mean(0), atol=1e-4)
    assert torch.allclose(whole[1], (log_var.exp() + mean.square()).mean(0), atol=1e-2)
    drawn = found.draw(20_000, rng)
    assert torch.allclose(drawn.mean(0), whole[0], atol=0.1) and 0.4 < (drawn[:, 0] > 0).float().mean() < 0.6
    parts = torch.distributions.Independent(torch.distributions.Normal(found.mean, (found.log_var / 2).exp()), 1)
    right = torch.distributions.MixtureSameFamily(torch.distributions.Categorical(logits=found.logits), parts)
    assert torch.allclose(found.log_prob(drawn[:50]), right.log_prob(drawn[:50]), atol=1e-3)


def test_codes_of_real_rows_are_kept_in_groups_and_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr(ByCode, "epochs", 3)
    df = pd.DataFrame({name: np.random.default_rng(0).integers(0, 4, 600) for name in "abc"}).astype(str)
    plain, model = (Synthesizer("vae", prior=prior, random_state=0).fit(df) for prior in ("normal", "aggregate"))
    kept = model._joint.network["prior"]
    assert "prior" not in plain._joint.network and kept.logits.exp().min() > (model.min_leaf_ - 0.1) / 600
    assert not model.sample(200).equals(plain.sample(200)) and model.history_.equals(plain.history_)
    margins = Synthesizer("independent", random_state=0).fit(df).log_prob(df).mean()
    assert abs(model.log_prob(df).mean() - margins) < 0.5  # a bound of what three columns apart have: close, not above
    loaded = Synthesizer.load(model.save(tmp_path / "m"))
    assert loaded.prior == "aggregate" and loaded.sample(300).equals(model.sample(300))
    assert loaded.log_prob(df).equals(model.log_prob(df))


def test_mixtures_that_do_not_fit_are_refused(tmp_path, monkeypatch, refuses):
    monkeypatch.setattr(ByCode, "epochs", 1)
    df = pd.DataFrame({name: np.random.default_rng(0).integers(0, 4, 300) for name in "ab"}).astype(str)
    model = Synthesizer("vae", prior="aggregate", random_state=0).fit(df)
    for change in (
        lambda t: t.pop("prior.logits"),
        lambda t: t.update({"prior.mean": torch.zeros(4, 3)}),
        lambda t: [t.pop(f"prior.{name}") for name in ("logits", "mean", "log_var")],
    ):
        folder = model.save(tmp_path / "m")
        rewrite(folder, change)
        refuses(folder)


@pytest.mark.parametrize("knobs", [dict(method="vae", prior="flat"), dict(method="gan", prior="aggregate")])
def test_a_prior_that_cannot_be_is_refused(knobs):
    with pytest.raises(ValueError, match="prior="):
        Synthesizer(**knobs).fit(pd.DataFrame({"a": ["x", "y"] * 10}))


def test_many_rows_are_drawn_in_parts(survey, monkeypatch):
    kind, parts = type(survey[3]._joint), []
    for module in (joint, sys.modules[kind.__module__]):
        monkeypatch.setattr(module, "CHUNK", 64, raising=False)
    draw = kind.draw_rows
    monkeypatch.setattr(
        kind, "draw_rows", lambda self, codes, rng: (parts.append(len(codes)), draw(self, codes, rng))[1]
    )
    assert len(survey[3].sample(200)) == 200 and parts == [64, 64, 64, 8]
    if survey[3].method != "gan":
        assert np.allclose(survey[3].log_prob(survey[1].head(200)), survey[3].log_prob(survey[1].head(500)).head(200))


def test_questions_are_answered(survey):
    train, holdout, _, model = survey
    assert (model.sample(100, where={"gender": "male"})["gender"] == "male").all()
    p = model.predict_proba(holdout.head(500), "gender")
    assert np.allclose(p.sum(axis=1), 1) and {"male", "female"} <= set(p.columns)
    gaps = holdout.head(100).copy()
    gaps.loc[gaps.index[:50], "age"] = None
    assert model.impute(gaps)["age"].notna().all() or holdout["age"].isna().any()
    replaced = model.replace(train.head(50), ["gender"])
    assert replaced.drop(columns="gender").equals(train.head(50).drop(columns="gender"))


@pytest.mark.parametrize("method", ["autoregressive", "vae", "gan"])
def test_a_level_that_was_too_rare_is_known_and_not_made(method):
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"job": rng.choice(["clerk", "nurse"], 300), "answer": rng.choice(["yes", "no"], 300)})
    df.loc[7, "job"] = "lighthouse keeper"
    model = Synthesizer(method, random_state=0).fit(df)
    assert set(model.sample(2000)["job"]) == {"clerk", "nurse"}
    if method == "gan":
        return
    assert np.isfinite(model.log_prob(df)).all() and model.log_prob(df)[7] < model.log_prob(df).drop(7).min()


def test_few_rows_and_no_columns_to_learn():
    df = pd.DataFrame({"a": [1, 2] * 6, "b": ["x", "y", "y"] * 4})
    assert len(Synthesizer("autoregressive", random_state=0).fit(df).sample(5)) == 5
    same = pd.DataFrame({"same": ["x"] * 12})
    assert (Synthesizer("autoregressive").fit(same).sample(3)["same"] == "x").all()


def test_only_networks_have_a_history(survey):
    trees = Synthesizer(random_state=0).fit(survey[0].head(500), types=survey[2])
    with pytest.raises(AttributeError, match="only networks have a history"):
        trees.history_  # noqa: B018


def test_an_interrupted_fit_keeps_the_best_so_far(survey):
    calls = []

    def press(epoch, of):
        calls.append((epoch, of))
        if epoch == 2:
            threading.Timer(0.02, signal.raise_signal, [signal.SIGINT]).start()

    model = Synthesizer(survey[3].method, random_state=0).fit(survey[0], types=survey[2], progress=press)
    assert "interrupted" in model.stopped_ and 2 <= len(model.history_) == len(calls) <= 4
    assert calls[0] == (1, model._joint.epochs) and len(model.sample(50)) == 50


# -- files --------------------------------------------------------------------------------------------------------------


def test_a_loaded_network_samples_bit_for_bit(survey, tmp_path):
    train, holdout, _, model = survey
    folder = model.save(tmp_path / "m")
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "network.safetensors"]
    loaded = Synthesizer.load(folder)
    assert loaded.get_params() == model.get_params() and loaded.history_.equals(model.history_)
    assert loaded.sample(500, random_state=3).equals(model.sample(500, random_state=3))
    if model.method != "gan":
        assert loaded.log_prob(holdout).equals(model.log_prob(holdout))
    assert loaded.sample(50, where={"gender": "male"}).equals(model.sample(50, where={"gender": "male"}))


def largest(tensors):
    return max(tensors, key=lambda name: tensors[name].numel())


def rewrite(folder, change, **about):
    """Change the tensors of a saved network, and let all digests fit."""
    path = folder / "network.safetensors"
    rest, _ = storage.load_header(path)
    tensors = storage.load_tensors(path, rest)
    change(tensors)
    storage.save(path, tensors, rest | about)
    outline = json.loads((folder / "model.json").read_text("utf-8"))
    (folder / "model.json").write_text(json.dumps(outline | {"digest": modelfile._digest(path)}), "utf-8")


DAMAGES = {
    "another width": lambda f: rewrite(f, lambda t: t.update({largest(t): torch.zeros(13, 7)})),
    "not finite": lambda f: rewrite(f, lambda t: t[largest(t)].fill_(float("nan"))),
    "codes beyond": lambda f: rewrite(f, lambda t: next(t[name] for name in t if name.endswith("never")).fill_(0)),
    "no code": lambda f: rewrite(f, lambda t: next(t[name] for name in t if name.endswith("never")).fill_(-1e4)),
    "a part more": lambda f: rewrite(f, lambda t: t.update(more=torch.zeros(1))),
    "a part less": lambda f: rewrite(f, lambda t: t.pop(min(t, key=lambda name: t[name].numel()))),
    "other numbers": lambda f: rewrite(f, lambda t: t.update({largest(t): t[largest(t)].double()})),
    "no history": lambda f: rewrite(f, lambda t: None, history=[1]),
    "flipped": lambda f: (f / "network.safetensors").write_bytes(
        (f / "network.safetensors").read_bytes()[:-4] + b"1234"
    ),
    "cut off": lambda f: (f / "network.safetensors").write_bytes((f / "network.safetensors").read_bytes()[:500]),
    "gone": lambda f: (f / "network.safetensors").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_and_hostile_networks_are_refused_in_one_sentence(survey, tmp_path, damage, refuses):
    folder = survey[3].save(tmp_path / "m")
    DAMAGES[damage](folder)
    refuses(folder)
