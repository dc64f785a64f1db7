"""Molecules: what is one, which are new, and what is said without RDKit."""

import importlib.util

import numpy as np
import pytest

import genlab as gl
from genlab import molecules


def test_lines_are_judged_once_each():
    found = molecules.judge(["OCC", "CCO", "C(", "", "c1ccccc1", "CCN", "x" * 10**6], known=["c1ccccc1", "C"])
    assert found["valid"].tolist() == [True, True, False, False, True, True, False]
    assert found["unique"].tolist() == [True, False, False, False, True, True, False]
    assert found["new"].tolist() == [True, False, False, False, False, True, False]
    assert found["smiles"][0] == "CCO" and found["mass"][0] == pytest.approx(46.07, abs=0.01)
    assert found["logp"].notna().tolist() == found["valid"].tolist()


@pytest.mark.parametrize("lines", [[], ["C("], ["C(", ""]])
def test_none_valid_is_no_error(lines):
    found = molecules.judge(lines)
    assert len(found) == len(lines) and not found[["valid", "unique", "new"]].to_numpy().any()
    assert list(found) == list(molecules.COLUMNS)


def test_nothing_is_printed_about_what_is_no_molecule(capfd):
    assert molecules.read("C1CC(") is None and molecules.read("C(C)(C)(C)(C)C") is None
    assert capfd.readouterr() == ("", "")


def test_what_is_no_text_is_refused():
    with pytest.raises(ValueError, match="smiles=3: must be a text"):
        molecules.read(3)


def test_without_rdkit_its_name_its_use_and_the_mend_are_said(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r'read by RDKit, which is not installed: pip install "genlab\[molecules\]"'):
        molecules.judge(["C"])


def test_the_shipped_ones_are_molecules_once_each_in_thirds():
    train, test, both = (gl.datasets.molecules(split) for split in ("train", "test", "all"))
    assert (len(train), len(test), len(both)) == (3492, 872, 4364) and not set(train.text) & set(test.text)
    found = molecules.judge(both.text[::40])
    assert found["unique"].all() and found["smiles"].tolist() == both.text[::40]  # spelled as RDKit spells
    assert np.bincount(both.y).tolist() == pytest.approx([4364 / 3] * 3, abs=2)
    low, high = (found["logp"][both.y.numpy()[::40] == third] for third in (0, 2))
    assert low.max() < high.min()


def test_the_recipe_beats_counts_and_a_wish_is_heard():
    train, test = gl.datasets.molecules(), gl.datasets.molecules("test")
    knobs = gl.autoregressive.RECIPES["molecules"] | dict(hidden=64)
    model = gl.Autoregressive(train, seed=0, **knobs)
    counts = gl.Autoregressive(train, network="counts", context=2, conditional=True)
    gl.run(model.steps(train), 150)
    gl.run(counts.steps(train), 28)
    assert model.bits(test) < counts.bits(test) - 0.1
    low, high = (
        molecules.judge(model.text(model.sample(150, y=y, seed=1, temperature=0.5)))["logp"].median() for y in (0, 2)
    )
    assert high > low + 1
