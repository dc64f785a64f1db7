"""A synthetic file is marked, written whole or not at all, looked through for personal data, and runs no formula."""

import csv
import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from genlab.tables import marking, personal
from genlab.tables.synthesis.synthesizer import Synthesizer


def kinds(texts, name="comment"):
    return {finding.what.removeprefix("looks like ") for finding in personal.scan(pd.DataFrame({name: texts}))}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("write to jo.doe+x@mail.example.org please", "e-mail addresses"),
        ("+49 30 1234567", "telephone numbers"),
        ("call (030) 123 45 67", "telephone numbers"),
        ("555-867-5309", "telephone numbers"),
        ("0171 2345678", "telephone numbers"),
        ("Anna Schmidt", "names of persons"),
        ("John Q. Public", "names of persons"),
        ("I saw Mrs Miller there", "names of persons"),
        ("4111 1111 1111 1111", "card numbers"),
        ("paid by 5500005555555559 last week", "card numbers"),
        ("DE89 3704 0044 0532 0130 00", "bank account numbers (IBAN)"),
        ("219-09-9999", "US social security numbers"),
    ],
)
def test_personal_data_is_found(text, what):
    assert kinds(["nothing", text, None]) == {what}


@pytest.mark.parametrize(
    "text",
    ["Strongly Agree", "New York", "2024-01-02 10:00", "01/02/2024 10:30", "1,234,567.89", "12345678", "a @ b", "-8",
     "1234567812345678", "DE89 3704 0044 0532 0130 01", "000-12-3456", "10.000 - 19.999", "Don't Know", "Anna", "3-4 times",
     "0000000000000000", "May Be", "192.168.100.200", "+5", "1-2-3"],
)  # fmt: skip
def test_answers_of_a_survey_are_not_taken_for_personal_data(text):
    assert kinds([text, "yes", "no"]) == set()


def test_long_random_numbers_are_not_taken_for_cards_and_phones_are_known_by_their_column():
    numbers = np.random.default_rng(0).integers(10**15, 10**16, 2000)
    assert kinds(numbers, "record") == set()
    assert kinds(numbers // 10**6, "mobile_phone") == {"telephone numbers"}


def test_a_finding_counts_and_places_but_does_not_repeat():
    frame = pd.DataFrame({"a": [1.5, 2.5, 3.5], "b\x1b[31m": pd.Categorical(["x@y.org", None, "x@y.org"])})
    (finding,) = personal.scan(frame)
    assert (finding.cells, finding.row) == (2, 1)
    assert str(finding) == "column b\ufffd[31m: looks like e-mail addresses (2 cells, first in row 1)"
    assert "its name" in str(personal.scan(pd.DataFrame({"x@y.org": [1]}))[0])


DANGEROUS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1", "--5", "+"]
HARMLESS = ["-3.5", "+4", "-1,000.50", "-1e-5", "-12 %", "a=b", "", "'=1", "5", " "]


def test_formulas_are_defused_and_numbers_stay():
    cells = [*DANGEROUS, *HARMLESS, None, -3, 4.5]
    frame = pd.DataFrame({"=evil": pd.Series(cells, dtype=object), "n": range(len(cells))})
    made = marking.neutralise(frame)
    assert list(made.columns) == ["'=evil", "n"]
    assert made["'=evil"].tolist() == [f"'{cell}" for cell in DANGEROUS] + cells[len(DANGEROUS) :]
    assert made["n"].tolist() == frame["n"].tolist()
    assert frame.columns[0] == "=evil"
    found = marking.formulas(frame)
    assert [(finding.cells, finding.row) for finding in found] == [(1, 0), (len(DANGEROUS), 1)]


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_formulas_are_found_in_every_kind_of_text_column(dtype):
    frame = pd.DataFrame({"a": pd.Series(["=1", "'=1", None], dtype=dtype), "'b": 1, "b": 2})
    made = marking.neutralise(frame)
    assert made["a"].tolist()[:2] == ["'=1", "'=1"]
    assert made["a"].isna().tolist() == [False, False, True]


def test_headers_stay_different_from_each_other():
    frame = pd.DataFrame([[1, 2, 3]], columns=["'=a", "=a", 7])
    assert list(marking.neutralise(frame).columns) == ["'=a", "''=a", 7]


def test_no_separator_begins_a_new_cell_with_a_formula(tmp_path):
    marking.write_csv(pd.DataFrame({"a": ["x;=cmd()"], "n": [1]}), tmp_path / "t.csv", card={}, escape_formulas=True)
    assert (tmp_path / "t.csv").read_text("utf-8") == '"a","n"\n"x;=cmd()",1\n'


def test_file_and_card_say_what_they_are(tmp_path):
    real = pd.DataFrame(
        {"age": np.arange(400) % 60 + 18, "answer": ["yes", "no"] * 200, "id": [f"p{i:05}" for i in range(400)]}
    )
    model = Synthesizer(random_state=3, min_leaf=20).fit(real)
    fake = model.sample(50)
    card = marking.card(fake, model, findings=personal.scan(pd.DataFrame({"c": ["x@y.org"]})), score=np.float64("nan"))
    beside = marking.write_csv(fake, tmp_path / "fake.csv", card=card)
    assert beside.name == "fake.csv.card.json"
    told = json.loads(beside.read_text("utf-8"))
    assert told["sha256"] == hashlib.sha256((tmp_path / "fake.csv").read_bytes()).hexdigest()
    assert told["what"].startswith("SYNTHETIC")
    assert told["differentially_private"] is False
    assert (told["rows"], told["learned_from_rows"], told["method"]) == (50, 400, "trees")
    assert told["parameters"]["min_leaf"] == 20
    assert told["columns"] == ["age", "answer", "id"]
    assert any("id" in line for line in told["protected"])
    assert told["looks_like_personal_data"] == ["column c: looks like e-mail addresses (1 cell, first in row 1)"]
    assert told["score"] is None  # JSON has no NaN
    assert "p00" not in json.dumps(told["protected"])
    assert len(pd.read_csv(tmp_path / "fake.csv")) == 50


def test_a_failed_write_leaves_both_files_as_they_were(tmp_path):
    path = tmp_path / "fake.csv"
    marking.write_csv(pd.DataFrame({"a": [1]}), path, card={})
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    class Broken:
        def __str__(self):
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        marking.write_csv(pd.DataFrame({"a": [1, 2]}), path, card={"x": Broken()})
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("separator", [".csv", ".tsv"])
def test_a_file_reads_back_as_it_was(tmp_path, separator):
    frame = pd.DataFrame({"a,b": ["x\ty", 'say "hi"', "two\nlines", "ü\N{PARTY POPPER}"], "n": [1.5, np.nan, -2, 0]})
    marking.write_csv(frame, tmp_path / f"t{separator}", card={})
    with open(tmp_path / f"t{separator}", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=marking.delimiter(f"t{separator}")))
    assert rows == [
        ["a,b", "n"],
        *([text, number] for text, number in zip(frame["a,b"], ["1.5", "", "-2.0", "0.0"], strict=True)),
    ]


def test_other_kinds_of_file_are_refused_with_the_mend(tmp_path):
    with pytest.raises(ValueError, match=r"fake\.xlsx: a synthetic table is written as \.csv or \.tsv"):
        marking.write_csv(pd.DataFrame({"a": [1]}), tmp_path / "fake.xlsx", card={})
    assert list(tmp_path.iterdir()) == []
