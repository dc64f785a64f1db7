"""Verdicts: a sentence for a learner, an error for the project's own tests, a row for the page."""

import json
from pathlib import Path

import pytest
import torch

from genlab import claims


@pytest.fixture(autouse=True)
def not_strict(monkeypatch):
    monkeypatch.delenv("GENLAB_STRICT", raising=False)
    monkeypatch.delenv("GENLAB_CLAIMS", raising=False)


@pytest.mark.parametrize(
    ("holds", "word"),
    [(True, "HOLDS"), (torch.tensor(True), "HOLDS"), (False, "DOES NOT"), ("partly", "PARTLY"), (None, "NOT SHOWN")],
)
def test_a_verdict_is_printed(capsys, holds, word):
    claims.verdict(4, holds=holds, evidence="0.3 against 0.1", expected=word.lower())
    out = capsys.readouterr().out
    assert out == f"Claim 4: {claims.CLAIMS[4]}\n  {word}: 0.3 against 0.1\n"


def test_the_unexpected_is_a_sentence_unless_strict(capsys, monkeypatch):
    claims.verdict(4, holds=False, evidence="2 of 8 seeds", part="ring")
    assert "expected 'holds', found 'does not' here" in capsys.readouterr().out
    monkeypatch.setenv("GENLAB_STRICT", "1")
    with pytest.raises(claims.Unexpected, match=r"claim 4 \(ring\): expected 'holds', found 'does not': 2 of 8 seeds"):
        claims.verdict(4, holds=False, evidence="2 of 8 seeds", part="ring")


def test_all_problems_are_listed_at_once():
    with pytest.raises(ValueError, match="row=99.*holds=0.7.*expected='maybe'.*evidence=''"):
        claims.verdict(99, holds=0.7, evidence="", expected="maybe")


def test_verdicts_are_collected_into_one_page(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GENLAB_CLAIMS", str(tmp_path / "claims.jsonl"))
    claims.verdict(3, holds=True, evidence="1 | 2")
    entries = [json.loads(line) | {"notebook": "02"} for line in (tmp_path / "claims.jsonl").read_text().splitlines()]
    page = claims.page(entries, "Somewhere.")
    rows = [line for line in page.splitlines() if line.startswith("| ") and line[2].isdigit()]
    assert len(rows) == len(claims.CLAIMS) == 31
    assert "**holds** | 1 \\| 2 | 02 |" in rows[2]
    assert "**not yet decided**" in rows[0]
    assert (3, claims.CLAIMS[3], "holds", "02") in claims.decided(page)
    assert len(claims.decided(page)) == 31


def test_every_claim_has_a_verdict_made_by_a_notebook():
    page = (Path(__file__).parents[1] / "notebooks" / "CLAIMS.md").read_text("utf-8")
    decided = claims.decided(page)
    assert len(decided) == sum(line.startswith("| ") for line in page.splitlines()) - 1  # its head
    assert {row for row, _, found, _ in decided if found in claims.VERDICTS.values()} == set(claims.CLAIMS)
