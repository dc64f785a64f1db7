"""Datasets: named shapes and digits are what they say, and bad rows get one message that lists what is wrong."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from genlab import datasets, files
from genlab.datasets import Dataset

GOOD = np.arange(12.0).reshape(6, 2)
SPLIT = {  # images by split: their numbers, shape, highest value, and the fingerprints of all, train and test
    "digits": ((1797, 1352, 445), (1, 8, 8), 16, ("bd56013307ff8e4d", "552106c7e4d65675", "88059763d30b226e")),
    "mnist": ((5000, 4000, 1000), (1, 28, 28), 255, ("7e7d21611c2a5251", "1021fa43939ca6e5", "670144bb8b09135e")),
}
NAN, INF = float("nan"), float("inf")


# -- named data ---------------------------------------------------------------------------------------------------------


def test_the_ring_is_clusters_evenly_spaced_on_a_circle():
    data = datasets.ring(modes=5, n=3000, seed=3, radius=4.0, spread=0.1, labels=True)
    assert data.x.shape == (3000, 2) and data.shape == (2,) and data.classes == 5 and len(data) == 3000
    angle = torch.atan2(data.modes[:, 1], data.modes[:, 0]) % (2 * math.pi)
    assert torch.allclose(angle.sort().values.diff(), torch.tensor(2 * math.pi / 5), atol=1e-5)
    assert torch.allclose(data.modes.norm(dim=1), torch.tensor(4.0))
    away = data.x - data.modes[data.y]  # the label says the cluster
    assert away.std(0).sub(0.1).abs().max() < 0.01 and away.mean(0).abs().max() < 0.01
    assert data.y.bincount().min() > 3000 / 5 * 0.8


def test_the_grid_is_centred_and_square():
    data = datasets.grid(side=3, n=2000, seed=3, spacing=2.0, spread=0.01, labels=True)
    assert sorted(map(tuple, data.modes.tolist())) == [(a, b) for a in (-2, 0, 2) for b in (-2, 0, 2)]
    assert (data.x - data.modes[data.y]).abs().max() < 0.06


@pytest.mark.parametrize("make", [datasets.ring, datasets.grid])
def test_drawn_data_depend_on_the_seed_alone(make):
    assert make(seed=1).fingerprint == make(seed=1).fingerprint != make(seed=2).fingerprint
    again = make(seed=1, n=50)
    assert make(**again.call).fingerprint == again.fingerprint
    assert make().y is None and make(labels=True).y is not None


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        (dict(modes=0), "modes=0: must be a whole number from 1 to 1,000"),
        (dict(modes=2.5), "modes=2.5"),
        (dict(modes=True), "modes=True"),
        (dict(modes="8"), "modes='8'"),
        (dict(modes=10**12), "modes=1000000000000"),
        (dict(n=0), "n=0"),
        (dict(n=10**12), "n=1000000000000"),
        (dict(n=1), "1 row"),
        (dict(seed=-1), "seed=-1"),
        (dict(seed=2**70), "seed=1180591620717411303424"),
        (dict(seed=None), "seed=None"),
        (dict(spread=0), "spread=0: must be a number above 0"),
        (dict(spread=NAN), "spread=nan"),
        (dict(radius=INF), "radius=inf"),
        (dict(modes=0, radius=-1), "modes=0.*; radius=-1"),
    ],
)
def test_a_ring_that_cannot_be(knobs, words):
    with pytest.raises(ValueError, match=words):
        datasets.ring(**knobs)


def test_numbers_of_numpy_can_be_arguments_and_come_out_plain():
    data = datasets.ring(modes=np.int64(3), n=np.int32(10), seed=np.uint8(1), spread=np.float32(0.5))
    assert {type(value) for value in data.call.values()} == {int, float, bool}


@pytest.mark.parametrize("name", SPLIT)
def test_images_are_split_once_and_for_all(name):
    sizes, shape, high, fingerprints = SPLIT[name]
    parts = whole, train, test = [getattr(datasets, name)(split=split) for split in ("all", "train", "test")]
    assert tuple(map(len, parts)) == sizes
    assert tuple(part.fingerprint for part in parts) == fingerprints
    rows = [sorted(map(bytes, part.x.byte().flatten(1).numpy())) for part in parts]
    assert rows[0] == sorted(rows[1] + rows[2]) and not set(rows[1]) & set(rows[2])
    for part in parts:
        assert part.shape == shape and part.range == (0, high) and part.levels == high + 1 and part.classes == 10
        assert part.x.min() == 0 and part.x.max() == high and torch.equal(part.x, part.x.round())
        assert part.y.bincount().min() / len(part) > 0.09  # each digit is in each part


def test_a_split_that_does_not_exist():
    with pytest.raises(ValueError, match="split='valid': one of 'train', 'test', 'all'"):
        datasets.digits(split="valid")


def test_a_damaged_or_missing_file_says_so(tmp_path, monkeypatch):
    whole = (datasets.shipped("datasets") / "digits.npz").read_bytes()
    monkeypatch.setattr(files, "shipped", lambda room: tmp_path)
    with pytest.raises(FileNotFoundError, match="digits.npz is missing: install genlab again"):
        datasets.digits()
    (tmp_path / "digits.npz").write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
    with pytest.raises(ValueError, match="digits.npz is damaged .* install genlab again"):
        datasets.digits()
    (tmp_path / "digits.npz").write_bytes(whole)
    assert len(datasets.digits()) == 1352


def test_a_missing_folder_says_so():
    with pytest.raises(FileNotFoundError, match="without its folder 'nowhere'"):
        datasets.shipped("nowhere")


# -- a reader's own data ------------------------------------------------------------------------------------------------


def backwards(array):
    return array[::-1].copy()[::-1]


@pytest.mark.parametrize(
    "convert",
    [
        np.array,
        torch.tensor,
        np.ndarray.tolist,
        np.asfortranarray,
        backwards,
        pd.DataFrame,
        lambda x: pd.DataFrame(x.astype(int)).convert_dtypes(),
        lambda x: x.astype(np.int8),
        lambda x: x.astype(np.uint64),
        lambda x: x.astype(np.float16),
        lambda x: x.astype(">f4"),
        lambda x: np.ma.masked_array(x),
        lambda x: torch.tensor(x).to(torch.int16),
        lambda x: torch.tensor(x, requires_grad=True),
        lambda x: torch.tensor(x).bfloat16(),
        lambda x: torch.tensor(x).T.contiguous().T,
    ],
)
def test_rows_of_any_kind_of_number(convert):
    x = Dataset(convert(GOOD)).x
    assert x.dtype == torch.float32 and not x.requires_grad and x.tolist() == GOOD.tolist()


def test_booleans_are_0_and_1():
    for rows in (GOOD > 5, torch.tensor(GOOD > 5), pd.DataFrame(GOOD > 5)):
        assert Dataset(rows).x.unique().tolist() == [0, 1]


def test_a_table_of_several_kinds_of_numbers():
    table = pd.DataFrame(
        {"age": [20, 30], "late": [True, False], "pay": [1.5, 2.5], "n": pd.array([7, 8], dtype="Int64")}
    )
    assert Dataset(table).x.tolist() == [[20, 1, 1.5, 7], [30, 0, 2.5, 8]]


def read_only(values):
    values = np.array(values)
    values.flags.writeable = False
    return values


def test_read_only_arrays_give_no_warning():
    data = Dataset(read_only(GOOD), read_only([0, 1, 2, 0, 1, 2]))
    assert data.classes == 3


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (np.array([["a", "b"], ["c", "d"]]), "x holds <U1 values .ndarray.: only numbers"),
        ([["1.5", "2"], ["3", "4"]], "x holds <U3 values"),
        (pd.DataFrame({"age": [1, 2], "town": ["x", "y"]}), "x holds object values .DataFrame."),
        (pd.DataFrame({"age": pd.array([1, None], dtype="Int64"), "late": [True, False]}), "x holds object values"),
        (pd.DataFrame({"day": pd.to_datetime(["2020-01-01", "2020-01-02"])}), "x holds datetime64"),
        (np.ones((3, 2), dtype=complex), "x holds complex128"),
        (torch.ones(3, 2, dtype=torch.complex64), "x holds torch.complex64"),
        (np.array([[None, 1], [2, 3]]), "x holds object"),
        (None, "x holds object values .NoneType."),
        ("ring", "x holds <U4"),
        ([[1.0], [1.0, 2.0]], "x cannot be read as an array .list."),
        ([[10**400, 1], [2, 3]], "x cannot be read as an array .list.: .*too large"),
    ],
)
def test_what_are_not_numbers(rows, words):
    with pytest.raises(TypeError, match=words):
        Dataset(rows)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (3.0, r"x has shape \(\)"),
        ([1.0, 2.0, 3.0], r"x has shape \(3,\).*x\[:, None\]"),
        (np.ones((3, 8, 8)), r"x has shape \(3, 8, 8\)"),
        (np.ones((1, 2)), r"x has 1 row\(s\): a model needs at least 2"),
        (np.ones((0, 2)), r"x has 0 row\(s\)"),
        (np.ones((5, 0)), "a row needs at least 1 number"),
        (np.ones((5, 1, 0, 8)), "a row needs at least 1 number"),
        ([], "x has 0 row"),
        ([[1, NAN], [2, 3], [INF, 4]], r"NaN, infinite or too large .* in 2 of 3 rows \(first: row 0\)"),
        ([[1, 2], [2, -INF]], "first: row 1"),
        ([[1, 2], [2, 1e30]], r"beyond 1e\+18.* rescale"),
        ([[1, 2], [2, -1e300]], r"beyond 1e\+18"),
        (np.ma.masked_array(GOOD, mask=GOOD == 3), "in 1 of 6 rows .first: row 1"),
        (np.ones((3, 1, 8, 8)), "images of unknown range: say range="),
    ],
)
def test_rows_that_cannot_be_learned(rows, words):
    with pytest.raises(ValueError, match=words):
        Dataset(rows)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ((1, 0), "lower one first"),
        ((0, 0), "lower one first"),
        ((NAN, 1), "two finite"),
        ((0, INF), "two finite"),
        ((0, 1e300), "two finite"),
        ((0,), "two finite"),
        ("ab", "two finite"),
        (16, "two finite"),
        ((None, 1), "two finite"),
        ((0, 5), "x runs from 0 to 11, outside its range"),
    ],
)
def test_a_range_that_cannot_be(limits, words):
    with pytest.raises(ValueError, match=words):
        Dataset(GOOD, range=limits)


def test_a_range_of_any_kind_of_number_becomes_two_floats():
    data = Dataset(GOOD, range=np.array([0, 11]))
    assert data.range == (0.0, 11.0) and {type(limit) for limit in data.range} == {float}


@pytest.mark.parametrize(
    "labels",
    [
        [0, 1, 2, 0, 1, 2],
        np.array([0, 1, 2, 0, 1, 2], dtype=np.uint16),
        np.array([0, 1, 2, 0, 1, 2], dtype=">i4"),
        pd.Series([0, 1, 2, 0, 1, 2]),
        pd.Series([0, 1, 2, 0, 1, 2], dtype="Int64"),
        np.array([0, 1, 2, 0, 1, 2], dtype=object),
        torch.tensor([0, 1, 2, 0, 1, 2], dtype=torch.int8),
        torch.tensor([0, 1, 2, 0, 1, 2], dtype=torch.uint16),
    ],
)
def test_labels_of_any_kind_of_whole_number(labels):
    data = Dataset(GOOD, labels)
    assert data.y.dtype == torch.int64 and data.y.tolist() == [0, 1, 2, 0, 1, 2] and data.classes == 3


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 1], r"y has shape \(2,\): one label a row is \(6,\)"),
        (np.zeros((6, 1), dtype=int), r"y has shape \(6, 1\)"),
        (3, r"y has shape \(\)"),
        ([], "y"),
        ([0.0, 1, 2, 3, 4, 5], "y holds float64 values: labels are whole numbers"),
        (np.array(["a"] * 6), "y holds <U1 values"),
        (np.ones(6, dtype=complex), "y holds complex128"),
        (torch.ones(6, dtype=torch.complex64), "y holds torch.complex64"),
        (GOOD[:, 0] > 3, "y holds bool"),
        (torch.ones(6, dtype=torch.bool), "y holds torch.bool"),
        ([0, 1, 2, 3, 4, -1], "y runs from -1 to 4"),
        ([0, 1, 2, 3, 4, 1000], "y runs from 0 to 1000: .* from 0 to 999"),
        (np.array([2**64 - 1] * 6, dtype=np.uint64), "y runs from"),
        ([None] * 6, "y holds object"),
    ],
)
def test_labels_that_cannot_be(labels, words):
    with pytest.raises(ValueError, match=words):
        Dataset(GOOD, labels)


def test_everything_wrong_is_said_at_once():
    with pytest.raises(ValueError, match="(?s)'mine': 4 problem.*shape.*NaN.*lower one first.*y holds float64"):
        Dataset([NAN, 2.0, 3.0], [0.5, 1, 2], name="mine", range=(1, 0))


def test_modes_and_call_are_checked_too():
    with pytest.raises(ValueError, match=r"modes have shape \(2, 3\)"):
        Dataset(GOOD, modes=np.ones((2, 3)))
    for call in ([1], {"n": NAN}, {"n": [1]}, {"n; import os": 1}, {1: 1}, {"n": np.int64(1)}):
        with pytest.raises(ValueError, match="call="):
            Dataset(GOOD, call=call)


# -- whose memory it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_later_write_to_the_readers_array_changes_nothing(dtype):
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        for mine in (torch.tensor(GOOD, dtype=dtype), torch.tensor(GOOD, dtype=dtype).numpy()):
            labels = torch.zeros(6, dtype=torch.int64)
            data = Dataset(mine, labels, modes=mine)
            mark = data.fingerprint
            mine[0] = 99
            labels[0] = 1
            assert data.x.max() == 11 and data.y.max() == 0 and data.modes.max() == 11 and data.fingerprint == mark
    finally:
        torch.set_default_dtype(before)


def test_the_fingerprint_sees_every_value_and_label():
    marks = {Dataset(GOOD).fingerprint, Dataset(GOOD, [0] * 6).fingerprint, Dataset(GOOD, [0] * 5 + [1]).fingerprint}
    marks |= {Dataset(GOOD.reshape(4, 3)).fingerprint, Dataset(GOOD[::-1]).fingerprint}
    changed = Dataset(GOOD)
    changed.x[5, 1] += 1e-5  # a write to the dataset itself is seen as well
    assert len(marks | {changed.fingerprint}) == 6


def test_a_dataset_cannot_be_given_other_rows():
    with pytest.raises(AttributeError):
        Dataset(GOOD).x = torch.zeros(3, 2)


def test_it_says_what_it_is():
    assert repr(datasets.digits()) == "Dataset('digits': 1352 rows of shape (1, 8, 8), 10 labels; CC BY 4.0)"
