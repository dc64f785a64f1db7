"""Failures: each record does what it says over seeds, its measures know known answers, and no finished run is lost."""

import dataclasses
import json
import types

import numpy as np
import pytest
import torch

import genlab as gl
from genlab import work
from genlab.failures import stored, study
from genlab.failures.record import CAUSE, HEALTHY, REMEDY, Arm, Failure, Limit

RING = gl.failures["mode_collapse"]
DIGITS = gl.failures["mode_collapse_digits"]
EVERY = pytest.mark.parametrize("name", list(gl.failures))
SMALL = dataclasses.replace(RING, steps=20, remedies=RING.remedies[:1])


def drawn(rows):
    """What a measure takes: something to sample from, here always the same rows (K, n, *shape)."""
    return types.SimpleNamespace(sample=lambda n, seed: torch.as_tensor(rows)[:, :n])


# -- the catalogue ----------------------------------------------------------------------------------------------------


def test_failures_are_found_by_name():
    import genlab.failures

    assert genlab.failures is gl.failures and len(gl.failures) == len(list(gl.failures)) >= 2
    assert "mode_collapse" in gl.failures and RING.name == "mode_collapse"
    with pytest.raises(KeyError, match="no failure 'blur'; there are 'mode_collapse'"):
        gl.failures["blur"]


@EVERY
def test_a_record_is_whole(name):
    failure = gl.failures[name]
    arms = {arm.name: arm for arm in failure.arms}
    assert failure.name == name and len(arms) == len(failure.arms)
    assert [arm.kind for arm in failure.arms] == [HEALTHY, CAUSE, *[REMEDY] * len(failure.remedies)]
    cause = failure.cause
    assert len(cause.change) + sum(map(bool, (cause.first, cause.rows, cause.steps, cause.draw))) == 1, (
        "one cause, in one place"
    )
    for arm in failure.arms:
        failure.model.Params.check(failure.knobs(arm))
        assert arm.text.endswith(".")
    assert failure.why.count(". ") == 2 and failure.why.endswith("."), "three sentences"
    assert set(failure.grid) <= {field.name for field in dataclasses.fields(failure.model.Params)}
    healthy, broken = failure.knobs("healthy"), failure.knobs(failure.cause.name)
    assert {knob for knob in broken if broken[knob] != healthy.get(knob)} == set(failure.cause.change)


def test_an_arm_that_is_not_there_is_an_error_that_lists_those_that_are():
    with pytest.raises(ValueError, match="arm='r1': mode_collapse has 'healthy', 'no R1'"):
        RING.knobs("r1")


def test_explain_says_why_and_who(capsys):
    RING.explain()
    said = capsys.readouterr().out
    assert "paid for each sample alone" in said and "Goodfellow" in said and max(map(len, said.split("\n"))) <= 96


# -- measures on known answers ----------------------------------------------------------------------------------------


def judged(failure, rows):
    """Of each set of rows, its measures and whether it failed."""
    found = failure.measure(drawn(torch.stack(rows)), failure.data(), [])
    one = lambda k: {name: values[k] for name, values in found.items()}
    return [(one(k), failure.failed(one(k))) for k in range(len(rows))]


def test_the_rings_measure_knows_known_answers():
    data = gl.datasets.ring(seed=7)
    one, some = data.x[data.x[:, 0] > 1.8], torch.cat([data.x[data.x[:, 1] > 0.5]] * 2)
    noise = 4 * torch.rand(2000, 2, generator=torch.Generator().manual_seed(1)) - 2
    rows = [data.x[:2000], one.repeat(8, 1)[:2000], some[:2000], data.x[:1].repeat(2000, 1), noise]
    (real, real_failed), (single, a), (half, b), (copy, c), (uniform, d) = judged(RING, rows)
    assert real["modes"] == 8 and real["near"] > 0.98 and not real_failed
    assert single["modes"] == copy["modes"] == 1 and half["modes"] == 3 and uniform["near"] < 0.2
    assert a and b and c and d


def test_the_digits_measure_knows_known_answers():
    train, held_out = gl.datasets.digits(), gl.datasets.digits("test")
    take = lambda x: x.repeat(1000 // len(x) + 1, *[1] * (x.dim() - 1))[:1000]
    five, one = train.x[train.y < 5], train.x[:1]
    noise = torch.rand(1000, *train.shape, generator=torch.Generator().manual_seed(1)) * train.range[1]
    (real, real_failed), (half, a), (copy, b), (_, c) = judged(DIGITS, [take(held_out.x), take(five), take(one), noise])
    assert real["classes"] == 10 and real["frechet"] < 1 and not real_failed
    assert half["classes"] == 5 and copy["classes"] == 1 and half["frechet"] < copy["frechet"]
    assert a and b and c


def test_a_member_that_is_lost_has_failed():
    rows = gl.datasets.ring().x[:2000]
    (_, fine), (found, lost) = judged(RING, [rows, rows * float("nan")])
    assert not fine and lost and np.isnan(found["modes"])


def test_the_digits_of_a_vae_are_judged_on_known_answers():
    """Real rows blurred in steps: sharpness falls, and the Fréchet distance rises; noise is sharp and far."""
    held_out = gl.datasets.digits("test")
    blurred = [held_out.x]
    for share in (0.25, 0.5, 1.0):
        mean = torch.nn.functional.avg_pool2d(held_out.x, 3, 1, 1, count_include_pad=False)
        blurred.append((1 - share) * held_out.x + share * mean)
    noise = 16 * torch.rand(held_out.x.shape, generator=torch.Generator().manual_seed(1))
    model = types.SimpleNamespace(sample=lambda n, seed, means: torch.stack([*blurred, noise]))
    found = gl.failures["blurriness"].measure(types.SimpleNamespace(model=model), None, [])
    assert found["sharpness"][0] == found["detail"][0] == 1 and found["frechet"][0] < 1e-3
    for name, order in {"sharpness": -1, "detail": -1, "frechet": 1}.items():
        assert list(np.sort(np.multiply(order, found[name][:4]))) == list(np.multiply(order, found[name][:4])), name
        assert found[name][4] > max(found[name][:4])
    failed = [gl.failures["blurriness"].failed({name: v[k] for name, v in found.items()}) for k in range(5)]
    assert failed == [False, False, True, True, True]


def test_copies_are_told_from_fresh_rows():
    data, held_out = gl.datasets.digits(), gl.datasets.digits("test")
    rng = torch.Generator().manual_seed(1)
    copies = data.x[:60].repeat(9, 1, 1, 1)[:500] + torch.randn(500, 1, 8, 8, generator=rng)
    fresh = data.x[300:800]
    others = held_out.x[:60].repeat(9, 1, 1, 1)[:500] + torch.randn(500, 1, 8, 8, generator=rng)
    found = gl.failures["memorisation"].measure(drawn(torch.stack([copies, fresh, others])), data, [])["nearer"]
    assert found[0] > 0.99 and 0.4 < found[1] < 0.6 and found[2] < 0.01


def test_texts_that_repeat_and_texts_that_are_none_are_told_from_names():
    names, held_out = gl.datasets.names("train"), gl.datasets.names("test")
    real = held_out.x[:1000]
    letters = names.x.flatten()[torch.randperm(names.x.numel(), generator=torch.Generator().manual_seed(1))]
    soup = letters[letters != names.end][: 1000 * 6].reshape(1000, 6)
    soup = torch.nn.functional.pad(soup, (0, real.shape[1] - 6), value=names.end)
    failure = gl.failures["repetition"]
    rows = [real, real[:300].repeat(4, 1)[:1000], real[:1].repeat(1000, 1), soup]
    (fresh, a), (again, b), (one, c), (none, d) = judged(failure, rows)
    assert fresh["different"] > 0.95 and again["different"] == 0.3 and one["different"] == 0.001
    assert fresh["cost"] < 3.2 < 4.5 < none["cost"] and (a, b, c, d) == (False, True, True, True)


def test_codes_that_say_nothing_have_collapsed():
    held_out = gl.datasets.digits("test")
    rng, n = torch.Generator().manual_seed(1), len(held_out)
    telling = torch.randn(n, 8, generator=rng), torch.full((n, 8), -4.0)
    silent = torch.zeros(n, 8), torch.zeros(n, 8)
    half = torch.cat([telling[0][:, :4], silent[0][:, :4]], 1), torch.zeros(n, 8)
    mean, log_var = (torch.stack(parts) for parts in zip(telling, silent, half, strict=True))
    model = types.SimpleNamespace(encode=lambda x: (mean, log_var), bits=lambda *a, **k: torch.tensor([2.0, 2.4, 2.0]))
    found = gl.failures["posterior_collapse"].measure(types.SimpleNamespace(model=model), None, [])
    assert found["active"] == [8, 0, 4] and found["kl"][1] == 0 and found["kl"][0] > found["kl"][2] > 1


def test_swinging_is_told_from_rest():
    failure, angle = gl.failures["instability"], torch.arange(60) / 4
    swings = torch.stack([angle.cos(), angle.sin()], 1)  # one member goes round, the other rests
    watched = [(25 * k, (torch.stack([swings[k], torch.zeros(2)]), torch.tensor([0.0, 0.9]))) for k in range(60)]
    rows = torch.stack([failure.data().x[:2000]] * 2)
    group = types.SimpleNamespace(model=types.SimpleNamespace(step=1500), sample=lambda n, seed: rows)
    found = failure.measure(group, failure.data(), watched)
    assert found["swing"][0] > 0.9 and found["swing"][1] == 0 and found["near"][1] == pytest.approx(0.9)
    assert failure.failed({"swing": found["swing"][0], "near": 0.9}) and not failure.failed({"swing": 0, "near": 0.9})


def test_the_gradient_of_a_window_ends_where_the_window_does():
    from genlab.failures.long_range import reach, recall

    rows = recall(8)
    assert all(text[0] == text[-1] and len(text) == 10 for text in rows.text[:50])
    knobs = dict(network="transformer", layers=1, hidden=32, dropout=0.0)
    for context, edge in ((6, 4), (16, 0)):
        length = reach(gl.Autoregressive(rows, seed=[1, 2], context=context, **knobs), rows.x[:20])
        assert length.shape == (2, 10) and (length[:, :edge] == 0).all() and (length[:, edge:] > 0).all()


# -- arms -------------------------------------------------------------------------------------------------------------


def test_a_remedy_inherits_how_the_cause_learns_and_may_have_its_own():
    cause = Arm("c", CAUSE, {}, "x.", first=dict(g_every=0), first_steps=10, rows=50)
    mine = dataclasses.replace(SMALL, cause=cause)
    plan = mine.plan(Arm("r", REMEDY, dict(r1=0.0), "x."))
    assert (plan.first, plan.first_steps, plan.rows, plan.steps) == (dict(g_every=0), 10, 50, 0)
    own = mine.plan(Arm("r", REMEDY, {}, "x.", rows=70, steps=5, first=dict(r1=0.0), first_steps=2))
    assert (own.first, own.rows, own.steps) == (dict(r1=0.0), 70, 5)
    assert mine.plan(mine.arm("healthy")).first_steps == mine.plan(mine.arm("healthy")).rows == 0
    assert own.changes == {"r1 for 2 steps": 0.0, "rows": 70, "steps": 5}


def test_an_arm_with_few_rows_learns_from_those_alone(monkeypatch):
    few, real, seen = dataclasses.replace(SMALL, cause=Arm("few", CAUSE, {}, "x.", rows=5, steps=7)), gl.GAN.steps, []
    monkeypatch.setattr(gl.GAN, "steps", lambda self, data: seen.append(data) or real(self, data))
    group, _ = study.trained(few, few.cause, [3], 20, few.data())
    assert group.model.step == 7 and torch.equal(seen[0].x, few.data().x[:5])


# -- diagnosis --------------------------------------------------------------------------------------------------------


def test_the_key_names_what_each_mystery_has():
    from genlab.failures import diagnosis

    key = gl.failures.key(40)
    assert len(set(key.values())) >= 5 and key == gl.failures.key(40)
    assert all(gl.failures.mystery(seed)._name == name for seed, name in key.items())
    assert set(diagnosis.names()) <= set(gl.failures)
    with pytest.raises(ValueError, match="names of sick runs are 'mode_collapse'"):
        gl.failures.mystery(0, among=["flu"])
    with pytest.raises(ValueError, match="seed=-1: must be a whole number"):
        gl.failures.mystery(-1)


def test_a_sick_run_shows_itself_and_does_not_say_its_name(monkeypatch, capsys):
    from genlab.failures import diagnosis

    short = dataclasses.replace(gl.failures["instability"], steps=50)
    monkeypatch.setattr(diagnosis.Mystery, "_failure", property(lambda self: short))
    sick = gl.failures.mystery(seed=1, among=["instability"])
    table = sick.panel()
    assert list(table.columns) == ["sick", "healthy"] and {"modes", "swing", "gradient", "distance"} <= set(table.index)
    said = capsys.readouterr().out + repr(sick) + repr(table)
    assert "instability" not in said and "beta1" not in said
    with pytest.raises(ValueError, match="must be one of 'instability'"):
        sick.diagnose("flu")


def test_a_diagnosis_is_told_right_from_wrong(monkeypatch, capsys):
    sick = gl.failures.mystery(seed=0, among=["blurriness", "posterior_collapse"])
    wrong = next(name for name in sick.names if name != sick._name)
    sick.diagnose(wrong)
    assert capsys.readouterr().out.startswith("No: that one shows")
    sick.diagnose(sick._name)
    said = capsys.readouterr().out
    assert said.startswith("Yes.") and "cured by:" in said


def test_the_chart_has_a_line_for_each_failure_from_its_record():
    chart = gl.failures.chart()
    assert list(chart.index) == list(gl.failures)
    assert (chart.symptom.str.len() > 10).all() and (chart["remedy"].str.len() > 0).all()
    assert "beta1 0" in chart.remedy["instability"] and "stronger R1" in chart["does not cure"]["instability"]


# -- studies ----------------------------------------------------------------------------------------------------------


def test_a_study_has_a_row_for_each_arm_and_seed_and_tells_what_it_found(capsys):
    found = SMALL.study([3, 4], jobs=1)
    assert list(found.frame.columns) == ["arm", "kind", "seed", "modes", "near", "imbalance", "failed"]
    assert list(found.frame.seed) == [3, 4] * 3 and found.frame.failed.all() and found.stopped is None
    assert list(found.rates.index) == ["healthy", "no R1", "Wasserstein, gp"]
    assert found.rates.loc["healthy", "failed"] == 2 and 0.3 < found.rates.loc["healthy", "low"] < 0.35
    assert "20 steps, healthy means modes at least 7 and near at least 0.6" in found.sentence()
    assert "Wasserstein, gp failed with 2 of 2 seeds (does not cure)" in found.sentence() and found.cures == []
    assert "3 of 3" in capsys.readouterr().out
    told = gl.plots.describe(found.figure())
    assert "modes (at least 7)" in told and "no R1: " in told and "0 within the limits" in told


def test_a_member_of_a_study_is_the_model_alone():
    arm = SMALL.arm("no R1")
    group, _ = study.trained(SMALL, arm, [3, 4], 20, SMALL.data())
    alone = gl.GAN(SMALL.data(), seed=4, **SMALL.knobs("no R1"))
    history = gl.run(alone.steps(SMALL.data()), 20).history
    assert np.allclose(history.loss_d, group.run.history.loss_d[1], atol=1e-5)


def test_processes_give_what_one_process_gives():
    one, two = (SMALL.study([3, 4], jobs=jobs, progress=False).frame for jobs in (1, 2))
    assert one.equals(two)


def test_an_interrupted_study_keeps_the_arms_that_are_done(monkeypatch):
    real, calls = study.outcomes, []

    def second_is_interrupted(*job):
        calls.append(job)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*job)

    monkeypatch.setattr(study, "outcomes", second_is_interrupted)
    found = SMALL.study([3, 4], jobs=1, progress=False)
    assert found.stopped == "interrupted: 2 of 3 are missing" and list(found.rates.index) == ["healthy"]


@pytest.mark.parametrize("seeds", [0, [], [1.5], "all", None, -3, True])
def test_bad_seeds_are_an_error(seeds):
    with pytest.raises(ValueError, match="a number of seeds from 1 to 1,024"):
        SMALL.study(seeds)


def test_bad_steps_are_an_error():
    with pytest.raises(ValueError, match="steps=0: must be a whole number of at least 1, or None for 20"):
        SMALL.study(2, steps=0)


def test_a_head_start_and_looks_on_the_way():
    seen = dataclasses.replace(
        SMALL,
        cause=Arm("ahead", CAUSE, {}, "It is ahead.", first=dict(g_every=0), first_steps=10),
        watch=lambda model, data: model.hp.g_every,
        every=4,
    )
    group, watched = study.trained(seen, seen.cause, [1, 2], 20, seen.data())
    assert [step for step, _ in watched] == [10, 14, 18] and all(every == 1 for _, every in watched)
    assert group.model.step == 20 and group.run.history.loss_g[0].first_valid_index() == 11


# -- stored studies ---------------------------------------------------------------------------------------------------


@EVERY
def test_a_stored_study_is_of_this_record_and_shows_failure_and_cure(name):
    found = gl.failures[name].stored()
    rates = found.rates
    assert found.made and set(found.frame.seed) == set(range(1000, 1008))
    assert rates.failed[HEALTHY] <= 1 and rates.failed[found.failure.cause.name] >= 7
    assert found.cures, "at least one remedy cures"
    assert (found.frame.apply(lambda row: found.failure.failed(row), axis=1) == found.frame.failed).all()


@EVERY
def test_a_stored_study_can_be_made_again(name):
    failure = gl.failures[name]
    again = failure.study(range(1000, 1004), arms=[failure.cause.name], progress=False).rates  # half of its seeds
    assert again.failed[failure.cause.name] >= 3  # another processor rounds otherwise


def test_a_record_that_has_changed_has_no_stored_study():
    changed = dataclasses.replace(RING, limits={"modes": Limit(low=6)})
    with pytest.raises(ValueError, match="was made by another recipe"):
        changed.stored()
    with pytest.raises(ValueError, match="no study of 'x' is stored"):
        dataclasses.replace(RING, name="x").stored()


def test_a_study_comes_back_from_its_file(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "HERE", tmp_path / "studies")
    found = SMALL.study([3, 4], jobs=1, progress=False)
    path = stored.save(found)
    back = SMALL.stored()
    assert path.parent == tmp_path / "studies" and back.made and back.rates.equals(found.rates)
    assert np.allclose(back.frame.near, found.frame.near, atol=1e-6) and back.frame.seed.equals(found.frame.seed)


# -- phase diagrams ---------------------------------------------------------------------------------------------------

GRID = dict(x="lr_d", y="r1", x_values=[1e-3, 1e-2], y_values=[0.0, 1.0], seeds=[1, 2], jobs=1)


def test_a_phase_diagram_tells_the_share_that_fails_in_each_cell():
    found = gl.phase_diagram(SMALL, **GRID, progress=False, hidden=16)
    assert found.shares.shape == (2, 2) and (found.shares == 1).all().all() and not found.missing
    assert len(found.frame) == 8 and list(found.frame.columns[:2]) == ["lr_d", "r1"]
    assert "of 4 cells 4 fail with most seeds, and 0 with at most one" in found.sentence()
    assert "lr_d 0.001, 0.01; r1 0: 1, 1; r1 1: 1, 1" in gl.plots.describe(found.figure())


def test_an_interrupted_diagram_goes_on_from_its_file(tmp_path, monkeypatch):
    path, real = tmp_path / "cells.jsonl", work.through

    def two_only(function, tasks, keep, **how):
        real(function, tasks[:2], keep, **how)
        return "interrupted"

    monkeypatch.setattr(work, "through", two_only)
    first = gl.phase_diagram(SMALL, **GRID, path=path, progress=False)
    assert (
        len(first.missing) == 2 and first.shares.isna().sum().sum() == 2 and "2 cells are missing" in first.sentence()
    )
    path.write_text(path.read_text() + '{"cell": [0.01')  # the machine went down in the middle of a line
    asked = []
    monkeypatch.setattr(
        work, "through", lambda f, tasks, keep, **how: asked.extend(tasks) or real(f, tasks, keep, **how)
    )
    again = gl.phase_diagram(SMALL, **GRID, path=path, progress=False)
    assert len(asked) == 2 and not again.missing
    assert again.cells == gl.phase_diagram(SMALL, **GRID, path=path, progress=False).cells
    first.finish(jobs=1, progress=False)
    assert first.frame.equals(again.frame)


def test_a_file_of_another_diagram_is_not_touched(tmp_path):
    path = tmp_path / "cells.jsonl"
    gl.phase_diagram(SMALL, **GRID, path=path, progress=False)
    before = path.read_text()
    with pytest.raises(ValueError, match="holds another diagram"):
        gl.phase_diagram(SMALL, **(GRID | dict(seeds=[3])), path=path, progress=False)
    assert path.read_text() == before and json.loads(before.splitlines()[0])["recipe"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (dict(x="r1"), "two different knobs"),
        (dict(x="lr", x_values=None), "no such knob"),
        (dict(x="pack", x_values=None), "say which values to try"),
        (dict(x_values=[-1.0]), "lr_d=-1.0: must be from 0 to 1"),
        (dict(hidden=0), "hidden=0: must be from 1 to 512"),
        (dict(x_values=[]), "at least one value"),
    ],
)
def test_a_grid_that_cannot_be_is_an_error(wrong, said):
    with pytest.raises(ValueError, match=said):
        gl.phase_diagram(SMALL, **(GRID | wrong), progress=False)


# -- live -------------------------------------------------------------------------------------------------------------


def test_the_lab_of_a_failure_has_its_cause_and_remedies_at_one_press():
    lab = RING.lab(seed=2)
    assert list(lab._bench.presets) == [arm.name for arm in RING.arms]
    lab.run(3)
    lab.choose("no R1")
    assert lab.log == [(3, "r1", 2.0, 0.0)] and lab.model.step == 3
    chosen = {one["name"]: (one["chosen"], one["restarts"]) for one in lab._bench.stage.presets}
    assert (
        chosen["no R1"] == (True, False)
        and chosen["healthy"] == (False, False)
        and chosen["packs of 2"] == (False, True)
    )
    lab.choose("packs of 2")
    assert lab.model.step == 0 and lab.model.hp.pack == 2 and lab.model.hp.r1 == 0.0
    lab.choose("healthy")
    assert lab.model.hp.pack == 1 and lab.model.hp.r1 == 2.0
    with pytest.raises(ValueError, match="name='cure': no such preset; there are 'healthy', 'no R1'"):
        lab.choose("cure")


def test_presets_that_cannot_be_are_one_error():
    data = gl.datasets.ring()
    with pytest.raises(ValueError, match=r"(?s)preset 'a'.*r1=-1.*preset 'b'.*no such knob"):
        gl.Lab(gl.GAN(data), data, presets={"a": dict(r1=-1), "b": dict(x=1)})
    with pytest.raises(ValueError, match="preset 'few'.*\n.*rows=float 2.5: must be a whole number of rows, 0 for all"):
        gl.Lab(gl.GAN(data), data, presets={"few": dict(rows=2.5)})


def test_a_preset_of_few_rows_takes_them_of_the_rows_in_use():
    ring = gl.datasets.ring()
    lab = gl.Lab(gl.GAN(ring, seed=1), ring, presets={"few": dict(rows=50), "all": dict(rows=0)})
    lab.choose("few")
    assert len(lab.data) == 50
    lab.use(gl.datasets.moons(n=300))
    assert lab._bench.stage.presets[1]["chosen"]
    lab.choose("few")
    assert len(lab.data) == 50 and lab.data.name == "moons"


def test_the_lab_of_a_head_start_has_its_first_steps_as_a_button():
    lab = gl.failures["discriminator_ahead"].lab(seed=1)
    lab.choose("head start: at first")
    lab.run(5)
    assert lab.model.hp.g_every == 0 and lab.model.step == 5
    lab.choose("head start")
    assert lab.model.hp.g_every == 1


def test_the_lab_of_too_few_rows_has_them_as_a_button():
    lab = gl.failures["memorisation"].lab(seed=1)
    whole = len(lab.data)
    lab.run(3)
    lab.choose("60 rows")
    assert (len(lab.data), lab.model.step) == (60, 0)
    lab.run(2)
    lab.choose("stronger R1")  # at once: the same rows
    assert (len(lab.data), lab.model.step, lab.model.hp.r1) == (60, 2, 10.0)
    chosen = {one["name"]: (one["chosen"], one["restarts"]) for one in lab._bench.stage.presets}
    assert chosen["stronger R1"] == (True, False) and chosen["60 rows"] == (False, False) and chosen["healthy"][1]
    lab.choose("healthy")
    assert (len(lab.data), lab.model.hp.r1) == (whole, 2.0)
    assert "fewer steps" not in chosen  # it is the same setting, left sooner
    assert len(gl.failures["memorisation"].lab(rows=600).data) == 600


# -- what the records need of a GAN -----------------------------------------------------------------------------------


def test_a_discriminator_of_packs_gives_a_score_a_pack_and_a_row_its_own():
    data = gl.datasets.ring(labels=True)
    gan = gl.GAN(data, seed=1, pack=3, frequency=2.0, conditional=True, r1=0.1, gp=0.1, batch_size=10)
    record = gl.run(gan.steps(data), 3).records[-1]
    assert all(np.isfinite(value) for value in record.values())
    x, y = gan.scale.forward(data.x[:7]), data.y[:7]
    assert gan.discriminator(x, y).shape == (2,)  # the seventh is left over
    scores = gan.score(data.x[:7], y=y)
    assert scores.shape == (7,) and gan.pull(data.x[:7], y=y).shape == (7, 2)
    triple = gan.discriminator(x[:1].repeat(3, 1), y[:1].repeat(3))
    assert torch.allclose(scores[:1], triple)


def test_waves_let_a_discriminator_tell_what_is_near():
    data = gl.datasets.ring()
    near = data.x[:100], data.x[:100] + 0.1
    apart = []
    for frequency in (0.0, 8.0):
        gan = gl.GAN(data, seed=1, frequency=frequency)
        apart.append((gan.score(near[0]) - gan.score(near[1])).abs().mean().item())
    assert apart[1] > 2 * apart[0]


def test_the_gradient_of_a_generator_dies_where_the_discriminator_is_sure():
    data = gl.datasets.ring()
    gan = gl.GAN(data, seed=[1, 2], loss="saturating", r1=0.0, g_every=0)
    before = gan.gradient_norm(seed=0)
    gl.run(gan.steps(data), 600)
    after = gan.gradient_norm(seed=0)
    assert before.shape == after.shape == (2,) and (after < before / 100).all()
    gan.set(loss="nonsaturating")
    assert (gan.gradient_norm(seed=0) > before).all()
    assert gl.GAN(data, seed=1).gradient_norm().dim() == 0


def test_own_failures_work_like_those_of_the_house():
    mine = Failure(
        name="mine", title="Mine", model=gl.VAE, data=gl.datasets.ring, healthy=dict(likelihood="learned sigma", hidden=8),
        steps=5, cause=Arm("beta 100", CAUSE, dict(beta=100.0), "Too large."), remedies=(),
        measure=lambda group, data, watched: {"kl": group.run.records[-1]["kl"]},
        limits={"kl": Limit(low=1e9)}, grid={}, shown=("beta",), symptom="none", why="A. B. C.", source="me",
    )  # fmt: skip
    found = mine.study([1, 2], jobs=2, progress=False)
    assert len(found.frame) == 4 and found.frame.failed.all()
    assert mine.lab(pace=None).run(2).shape[0] == 2
