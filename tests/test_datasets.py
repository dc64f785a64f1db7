"""Datasets: named shapes and digits are what they say, and bad rows get one message that lists what is wrong."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from genlab import columns, datasets, files, gan
from genlab.datasets import Dataset

GOOD = np.arange(12.0).reshape(6, 2)
SPLIT = {  # images by split: their numbers, shape, highest value, and the fingerprints of all, train and test
    "digits": ((1797, 1352, 445), (1, 8, 8), 16, ("bd56013307ff8e4d", "552106c7e4d65675", "88059763d30b226e")),
    "mnist": ((5000, 4000, 1000), (1, 28, 28), 255, ("7e7d21611c2a5251", "1021fa43939ca6e5", "670144bb8b09135e")),
}
NAN, INF = float("nan"), float("inf")
PLANE = [datasets.ring, datasets.grid, datasets.moons, datasets.spiral, datasets.line]


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


def test_the_ring_and_the_grid_stay_what_they_were():
    assert datasets.ring().fingerprint == "1568e3336717a7a4" and datasets.grid().fingerprint == "4b1222abe149073c"
    labelled = datasets.ring(modes=5, n=3000, seed=3, radius=4.0, spread=0.1, labels=True)
    assert labelled.fingerprint == "a7120c754d685720"


def test_the_moons_are_two_half_circles():
    data = datasets.moons(n=2000, seed=3, spread=1e-6, labels=True)
    away = data.x - torch.tensor([[-0.5, -0.25], [0.5, 0.25]])[data.y]  # from the centre of their circle
    assert torch.allclose(away.norm(dim=1), torch.ones(2000), atol=1e-4)
    upper = data.y == 0
    assert away[upper, 1].min() > -1e-4 and away[~upper, 1].max() < 1e-4  # upper half, lower half
    assert 900 < upper.sum() < 1100 and (data.x.max(0).values + data.x.min(0).values).abs().max() < 0.02


@pytest.mark.parametrize("turns", [1, 2.5])
def test_the_spiral_winds_as_often_as_it_is_told(turns):
    x = datasets.spiral(n=4000, seed=3, turns=turns, spread=1e-6).x.double()
    radius, angle = x.norm(dim=1), torch.atan2(x[:, 1], x[:, 0])
    off = (angle - math.pi * turns * radius) % (2 * math.pi)  # the angle is proportional to the radius
    assert torch.minimum(off, 2 * math.pi - off)[radius > 0.1].max() < 1e-3
    assert 1.95 < radius.max() < 2.001 and radius.median() > 1.3  # as many points a length outside as inside


def test_the_line_is_a_band_as_wide_as_its_spread():
    x = datasets.line(n=4000, seed=3, spread=0.1).x
    across = (x[:, 0] - x[:, 1]) / math.sqrt(2)
    assert abs(across.std() - 0.1) < 0.01 and abs(x.mean()) < 0.1 and 1.4 < x.abs().max() < 2


def test_shapes_without_clusters_name_no_modes():
    for make in (datasets.moons, datasets.spiral, datasets.line):
        assert make().modes is None and make().spread is None and make().shape == (2,) and len(make()) == 4000


@pytest.mark.parametrize("make", PLANE)
def test_drawn_data_depend_on_the_seed_alone(make):
    assert make(seed=1).fingerprint == make(seed=1).fingerprint != make(seed=2).fingerprint
    again = make(seed=1, n=50)
    assert getattr(datasets, again.name)(**again.call).fingerprint == again.fingerprint
    assert again.license == "MIT" and {type(value) for value in again.call.values()} <= {int, float, bool}


@pytest.mark.parametrize("make", [datasets.ring, datasets.grid, datasets.moons])
def test_labels_are_given_to_those_who_ask(make):
    assert make().y is None and make(labels=True).y is not None


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        (dict(n=0, seed=-1, spread=0), "n=0: .*; seed=-1: .*; spread=0: must be a number above 0"),
        (dict(n=10**12), "n=1000000000000"),
        (dict(n=2.5, spread=NAN), "n=2.5: .*; spread=nan"),
        (dict(seed=None, spread="a"), "seed=None.*; spread='a'"),
        (dict(n=1), "1 row"),
    ],
)
@pytest.mark.parametrize("make", PLANE[2:])
def test_a_shape_that_cannot_be(make, knobs, words):
    with pytest.raises(ValueError, match=words):
        make(**knobs)


@pytest.mark.parametrize("turns", [0, -1, NAN, INF, 101, "2", None])
def test_a_spiral_that_cannot_be(turns):
    with pytest.raises(ValueError, match="turns=.*must be a number above 0"):
        datasets.spiral(turns=turns)


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


# -- two columns of a table ---------------------------------------------------------------------------------------------

PEOPLE = pd.DataFrame(
    {
        "name": ["Ann", "Bo", "Cy", "Di", "Ed"],
        "height": [170.0, NAN, 180.0, 165.5, 190.0],
        "weight": [60, 70, 80, 65, 90],
        "age": pd.array([30, 40, None, None, 50], dtype="Int64"),
    }
)


def test_two_columns_are_points_and_gaps_are_counted(tmp_path):
    data = datasets.columns(PEOPLE, "height", "weight")
    assert data.x.tolist() == [[170, 60], [180, 80], [165.5, 65], [190, 90]] and data.name == "height and weight"
    assert data.source == "columns height and weight; 4 of 5 rows, 1 with a gap left out" and data.call is None
    assert datasets.columns(PEOPLE, "weight", "height").x.tolist() == data.x.flip(1).tolist()  # x first, y second
    assert datasets.columns(PEOPLE, "height", "age").x.tolist() == [[170, 30], [190, 50]]  # a gap in either
    for path in (tmp_path / "people.csv", str(tmp_path / "people.csv")):
        PEOPLE.to_csv(path, index=False)
        same = datasets.columns(path, "height", "weight")
        assert same.fingerprint == data.fingerprint and same.source == f"people.csv, {data.source}"
        back = datasets.columns(path, "weight", "height")
        assert back.x.tolist() == data.x.flip(1).tolist()


def test_of_many_rows_some_are_drawn_with_the_seed():
    table = pd.DataFrame({"a": np.arange(1000.0), "b": -np.arange(1000.0)})
    table.loc[::10, "b"] = NAN
    data, same, other = (datasets.columns(table, "a", "b", rows=100, seed=seed) for seed in (1, 1, 2))
    assert data.fingerprint == same.fingerprint != other.fingerprint
    assert len(data) == 100 and torch.equal(data.x[:, 0], -data.x[:, 1]) and len(data.x[:, 0].unique()) == 100
    assert (data.x[:, 0] % 10 != 0).all() and (data.x[:, 0].diff() > 0).all() and 350 < data.x[:, 0].mean() < 650
    assert data.source == (
        "columns a and b; 100 of 1,000 rows, 100 with a gap left out, 800 not drawn (at random, seed 1)"
    )


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, 2, 3]),
        pd.Series([1, 2, 3], dtype="category"),
        pd.Series([1, 2, 3], dtype=object),
        pd.Series([1, 2, 3], dtype="Float32"),
        pd.Series([1, 2, 3], dtype="uint8"),
        pd.Series([1, 2, 3], dtype="int64[pyarrow]"),
    ],
)
def test_numbers_of_any_kind_can_be_a_column(column):
    assert datasets.columns(pd.DataFrame({"a": column, "b": [7, 8, 9]}), "a", "b").x.tolist() == [
        [1, 7],
        [2, 8],
        [3, 9],
    ]


def test_truth_values_are_0_and_1_and_names_can_be_numbers():
    table = pd.DataFrame({0: [True, False, True], 1: pd.array([True, None, False], dtype="boolean")})
    assert datasets.columns(table, 0, 1).x.tolist() == [[1, 1], [1, 0]]


@pytest.mark.parametrize(
    ("table", "first", "second", "words"),
    [
        (PEOPLE, "hight", "weight", "no column 'hight'; there are 'name', 'height', 'weight', 'age'"),
        (PEOPLE, ["height"], "weight", "no column"),
        (PEOPLE, None, "weight", "no column 'None'"),
        (pd.DataFrame(GOOD), 0, 0.0, "first and second are both 0"),
        (PEOPLE, "height", "height", "first and second are both 'height'"),
        (PEOPLE, "name", "weight", r"column 'name' is not all numbers: row 0 holds 'Ann' \(str\)"),
        (PEOPLE.assign(day=pd.Timestamp(0)), "day", "weight", "column 'day' is not all numbers: row 0 holds Timestamp"),
        (PEOPLE.assign(z=1j), "z", "weight", "column 'z' is not all numbers"),
        (PEOPLE.assign(s=["1.5"] * 5), "s", "weight", "row 0 holds '1.5' .*pd.to_numeric"),
        (PEOPLE.assign(w=[1, 2, INF, 4, -INF]), "w", "height", r"in 2 of 5 rows \(first: row 2\)"),
        (PEOPLE.assign(w=[1, 2, 3, 4, 10**400]), "w", "height", r"in 1 of 5 rows \(first: row 4\)"),
        (PEOPLE.assign(w=NAN), "w", "weight", "0 of 5 rows have both numbers: a model needs at least 2"),
        (PEOPLE[:0], "height", "weight", "0 of 0 rows"),
        (pd.DataFrame([[1, 2, 3]] * 3, columns=["a", "a", "b"]), "a", "b", "2 columns are named 'a'"),
        (GOOD, 0, 1, "table is a ndarray: must be a DataFrame, or the path of a CSV file"),
        (pd.DataFrame(np.ones((3, 100))), "a", 1, "there are 0, 1, .*, 19 and 80 more"),
    ],
)
def test_columns_that_cannot_be(table, first, second, words):
    with pytest.raises(ValueError, match=words):
        datasets.columns(table, first, second)


def test_all_that_is_wrong_with_columns_is_said_at_once():
    table = PEOPLE.assign(w=INF)
    with pytest.raises(
        ValueError, match="(?s)columns: 4 problem.*rows=1: .*seed='a': .*'name' is not.*'w' has infinite"
    ):
        datasets.columns(table, "name", "w", rows=1, seed="a")


@pytest.mark.parametrize(
    ("text", "points"),
    [
        (b"a,b,c\n1,2,x\n3,4,y\n", [[1, 2], [3, 4]]),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4\r\n", [[1, 2], [3, 4]]),
        (b"a;c;b\n1;x, y;2\n3;z;4\n", [[1, 2], [3, 4]]),
        (b"b\ta\n2\t1\n4\t3\n", [[1, 2], [3, 4]]),
        (b'\n\n"a", b\n1, 2\n\n3, 4', [[1, 2], [3, 4]]),
        (b"a,b\n1,2,\n3,4,\n", [[1, 2], [3, 4]]),  # a delimiter ends each line
        (b'c,a,b\n"x\ny",1,2\n"p, q",3,4\n', [[1, 2], [3, 4]]),
        (b"a,b\n1,2\n,5\nNA,6\n7\n3,4e0\n", [[1, 2], [3, 4]]),
    ],
)
def test_files_of_columns(tmp_path, text, points):
    (tmp_path / "t.csv").write_bytes(text)
    assert datasets.columns(tmp_path / "t.csv", "a", "b").x.tolist() == points


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "t.csv is empty"),
        (b"\n\n", "t.csv is empty"),
        (b"a,c\n1,2\n", "no column 'b'; there are 'a', 'c'"),
        (b"a,b,b\n1,2,3\n", "2 columns are named 'b'"),
        (b"a,b\n1,2\n1,5,72,5\n", "t.csv, line 3: 4 cells for 2 columns split at ','"),
        (b"a;b\n1,5;2\n2;3\n", r"column 'a' is not all numbers: row 0 holds '1,5'"),
        (b"a,b\n1,2\n3,4\nx,5\n", r"column 'a' is not all numbers: row 2 holds 'x' "),
        (
            "a,b,\u00e9\n1,2,3\n".encode("latin-1"),
            "t.csv is not text in UTF-8: read it with df, types = gl.tables.read",
        ),
        (b'a,b\n1,2\n3,"4\n', "t.csv cannot be read: "),
        (b"a,b\n1,1e999\n2,3\n", "'b' has infinite or too large values"),
        (b"a,b\n1,2\n3,\n", "1 of 2 rows have both"),
    ],
)
def test_files_of_columns_that_cannot_be(tmp_path, text, words):
    (tmp_path / "t.csv").write_bytes(text)
    with pytest.raises(ValueError, match=words):
        datasets.columns(tmp_path / "t.csv", "a", "b")


def test_a_file_that_is_not_there_or_too_large_is_not_opened(tmp_path, monkeypatch):
    for path in (tmp_path / "no.csv", tmp_path, "https://example.org/people.csv"):
        with pytest.raises(ValueError, match="there is no such file"):
            datasets.columns(path, "a", "b")
    (tmp_path / "big.csv").write_text("a,b\n1,2\n3,4\n")
    monkeypatch.setattr(columns, "LIMIT", 10)
    with pytest.raises(ValueError, match="big.csv has 0 MB, at most 1e-05"):
        datasets.columns(tmp_path / "big.csv", "a", "b")


def test_a_lab_can_learn_columns():
    data = datasets.columns(PEOPLE, "height", "weight")
    assert torch.isfinite(gan.GAN(data, hidden=4, seed=1).sample(5)).all()


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


def test_the_head_of_data_is_its_first_rows():
    digits = datasets.digits()
    few = digits.head(60)
    assert torch.equal(few.x, digits.x[:60]) and torch.equal(few.y, digits.y[:60]) and few.range == digits.range
    assert digits.head(0) is digits and digits.head(10**6) is digits and few.call is None
    for n in (-1, 2.5, "all", True):
        with pytest.raises(ValueError, match="must be a whole number of rows, 0 for all"):
            digits.head(n)


def test_tissue_is_cut_without_overlap_and_its_right_hand_quarter_is_held_out():
    whole, train, test = (datasets.tissue(split) for split in ("all", "train", "test"))
    assert (
        list(map(len, (whole, train, test))) == [1024, 768, 256] and whole.shape == (1, 16, 16) and whole.levels == 256
    )
    picture = whole.x.reshape(32, 32, 16, 16).permute(0, 2, 1, 3).reshape(512, 512)
    inside, across = picture[:, 14::16] - picture[:, 13::16], picture[:, 16::16] - picture[:, 15:-1:16]
    assert across.abs().mean() < 1.5 * inside.abs().mean()  # neighbours fit: the patches make up the picture
    assert torch.equal(test.x, picture[:, 384:].reshape(32, 16, 8, 16).permute(0, 2, 1, 3).reshape(-1, 1, 16, 16))
    assert {train.fingerprint, test.fingerprint} == {"113318d6a892b5b0", "84388ce71424e1e2"}
    with pytest.raises(ValueError, match="split='valid': one of"):
        datasets.tissue("valid")
