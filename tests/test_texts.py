"""Names and prose: what is in them, what is held out, and codes that become text again; bad levels are named."""

import csv

import numpy as np
import pytest
import torch

import genlab as gl
from genlab import datasets, files, texts
from genlab.datasets import Dataset

ROWS = [[1, 2, 0], [2, 1, 2], [0, 0, 0]]


def table():
    with files.read("names.csv").open(newline="") as file:
        return list(csv.DictReader(file))


# -- names --------------------------------------------------------------------------------------------------------------


def test_the_names_are_those_of_the_census():
    whole = gl.datasets.names("all")
    assert (len(whole), whole.shape, whole.levels, whole.classes) == (5163, (12,), 27, 2)
    assert whole.text == [row["name"] for row in table()] and len(set(whole.text)) == 5163
    assert {"mary", "james", "nan"} <= set(whole.text)  # Nan is a name, not a missing one
    share = {row["name"]: (float(row["female"]), float(row["male"])) for row in table()}
    assert share["mary"] == (2.629, 0.009) and share["james"] == (0.010, 3.318)
    assert whole.y.tolist() == [int(share[name][1] > share[name][0]) for name in whole.text]


def test_every_name_is_ended_once_and_filled_behind():
    x = gl.datasets.names("all").x.long()
    length = (x > 0).sum(1)
    assert 2 <= length.min() and length.max() == 11  # so that every row has room for the end
    assert torch.equal(x > 0, torch.arange(12) < length[:, None])


@pytest.mark.parametrize("load", [gl.datasets.names, gl.datasets.prose])
def test_a_fifth_is_held_out_for_good(load):
    whole, train, test = load("all"), load("train"), load("test")
    assert load(**test.call).fingerprint == test.fingerprint != train.fingerprint
    assert 0.15 < len(test) / len(whole) < 0.25
    assert train.symbols == test.symbols == whole.symbols and train.license == "public domain"
    rows = [set(map(tuple, part.x.tolist())) for part in (train, test)]
    assert not rows[0] & rows[1]
    with pytest.raises(ValueError, match="split='half': one of 'train', 'test', 'all'"):
        load("half")


def test_names_held_out_are_every_fifth():
    names = [row["name"] for row in table()]
    assert gl.datasets.names("test").text == names[4::5]


# -- prose --------------------------------------------------------------------------------------------------------------


def test_the_prose_is_the_psalms():
    psalms = files.read("prose.txt").read_text("ascii").split("\n\n")
    assert len(psalms) == 150 and sum(len(psalm.splitlines()) for psalm in psalms) == 2461
    assert psalms[22].startswith("The LORD is my shepherd; I shall not want.\n")
    whole = gl.datasets.prose("all", length=100)
    text = "".join(whole.text)
    assert text == "\n\n".join(psalms)[: len(text)] and len("\n\n".join(psalms)) - len(text) < 101
    assert set(text) == set(whole.symbols) and whole.levels == 63 and whole.end is None


def test_held_out_psalms_are_whole_ones():
    psalms = files.read("prose.txt").read_text("ascii").removesuffix("\n").split("\n\n")
    text = "".join(gl.datasets.prose("test", length=2).text)
    assert text == "\n\n".join(psalms[4::5])[: len(text)] and len(text) > 40_000
    train = "".join(gl.datasets.prose("train").text)
    assert psalms[0] in train and psalms[4][:200] not in train


@pytest.mark.parametrize("length", [1, 5000, 12.5, True, "128"])
def test_a_length_that_cannot_be(length):
    with pytest.raises(ValueError, match="length=.*: must be a whole number from 2 to 4096"):
        gl.datasets.prose(length=length)
    assert gl.datasets.prose(length=np.int64(50)).call == dict(split="train", length=50)


# -- codes and text -----------------------------------------------------------------------------------------------------


def test_codes_and_text():
    data = Dataset(ROWS, levels=3, symbols=".ab", end=0)
    assert data.text == ["ab", "bab", ""]
    assert datasets.as_text(data.x, ".ab") == ["ab.", "bab", "..."]
    assert texts.encode("abba.", ".ab", 2).tolist() == [[1, 2], [2, 1]]
    with pytest.raises(ValueError, match="no symbols"):
        _ = Dataset(ROWS).text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (dict(levels=1), "levels=1: must be a whole number from 2 to 65,536"),
        (dict(levels=2.0), "levels=2.0"),
        (dict(levels=2), r"3 of 9 values are none of the 2 levels from 0 to 1 \(first: 2\): round them"),
        (dict(levels=4, range=(0, 2)), r"2 of 9 values are none of the 4 levels from 0 to 2 \(first: 1\)"),
        (dict(levels=3, symbols="ab"), "symbols='ab': must be 3 different characters"),
        (dict(levels=3, symbols="aab"), "symbols='aab': must be 3 different characters"),
        (dict(levels=3, end=3), "end=3: must be one of the codes 0 to 2"),
        (dict(levels=3, end=2), r"2 row\(s\) go on behind the code 2 that ends them \(first: row 0\): fill"),
        (dict(symbols=".ab"), "say levels=, the number of codes"),
        (dict(end=0), "say levels="),
        (dict(levels=3, symbols="ab", end=-1), "(?s)2 problem.*symbols.*end=-1"),
    ],
)
def test_levels_that_cannot_be(arguments, words):
    with pytest.raises(ValueError, match=words):
        Dataset(ROWS, **arguments)


def test_levels_of_other_values():
    assert Dataset([[0.0, 0.1], [0.7, 1.0]], range=(0, 1), levels=11).levels == 11  # tenths are not exact in binary
    assert Dataset(ROWS, levels=3).end is None
