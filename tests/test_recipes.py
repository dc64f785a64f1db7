"""What the recipes reach, held to thresholds that were fixed before the seeds were first run.

The benchmarks print the same numbers seed by seed.
"""

import runpy
import statistics
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def digits():
    return runpy.run_path(str(BENCHMARKS / "digits_quality.py"))


def falls_short(rows, wanted):
    """What of `rows`, each (scores, seconds, nearest), is below the thresholds."""
    middle = {name: statistics.median(scores[name] for scores, _, _ in rows) for name in rows[0][0]}
    full = sum(scores["classes"] == 10 for scores, _, _ in rows)
    near = sum(not near.nearer for _, _, near in rows)
    checks = {
        f"all ten digits in {full} of {len(rows)} seeds": full >= wanted["full"] * len(rows) / 8,
        f"median Frechet distance {middle['frechet']:.2f}": middle["frechet"] <= wanted["frechet"],
        f"median precision {middle['precision']:.2f}": middle["precision"] >= wanted["precision"],
        f"median recall {middle['recall']:.2f}": middle["recall"] >= wanted["recall"],
        f"no nearer to the training rows in {near} of {len(rows)}": near > len(rows) / 2,
        f"{max(row[1] for row in rows):.0f} s of processor time": max(row[1] for row in rows) < wanted["seconds"],
    }
    return [found for found, fine in checks.items() if not fine]


def test_digits_recipe_on_one_seed(digits):
    assert falls_short([digits["measure"](digits["SEEDS"][0])], digits["WANTED"]) == []


@pytest.mark.slow
@pytest.mark.parametrize("conditional", [False, True])
def test_digits_recipe(digits, conditional):
    rows = [digits["measure"](seed, conditional=conditional) for seed in digits["SEEDS"]]
    assert falls_short(rows, digits["WANTED"]) == []
    if conditional:
        assert statistics.median(scores["control"] for scores, _, _ in rows) > 0.9


@pytest.mark.slow
def test_thresholds_would_notice_a_model_without_penalty(digits, monkeypatch):
    from genlab import gan

    monkeypatch.setitem(gan.RECIPES, "digits", gan.RECIPES["digits"] | dict(r1=0.0))
    found = falls_short([digits["measure"](seed) for seed in digits["SEEDS"][:2]], digits["WANTED"])
    assert any("Frechet" in words for words in found) and any("recall" in words for words in found)
