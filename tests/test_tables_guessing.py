"""Types guessed from a frame, and a frame checked against types."""

import datetime
import decimal
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genlab.tables.reading.amounts import step_of
from genlab.tables.reading.guessing import check, guess, pandas_dtype
from genlab.tables.types import Column, Types, is_plain

N = 120
ROW = np.arange(N)
RNG = np.random.default_rng(0)


def one(values, name="x", **options):
    """The Column guessed of one column."""
    return guess(pd.DataFrame({name: pd.Series(values, **options)}))[name]


def complaint(df, types=None, **options):
    """The text of the one error about a frame."""
    with pytest.raises(ValueError, match="problem") as caught:
        guess(df) if types is None else check(df, types, **options)
    return str(caught.value)


# ---- kinds ----


@pytest.mark.parametrize(
    ("values", "kind", "levels"),
    [
        (ROW % 40, "number", ()),
        (ROW % 7 / 4, "number", ()),
        (RNG.normal(size=N), "number", ()),  # all different, but no id
        (ROW % 2, "boolean", (0, 1)),
        (np.where(ROW % 5 == 0, np.nan, ROW % 2), "boolean", (0.0, 1.0)),
        (ROW % 2 == 0, "boolean", (False, True)),
        ([None, True, False] * 40, "boolean", (False, True)),
        (["Yes", "No", None] * 40, "boolean", ("No", "Yes")),
        (["ja", "nein"] * 60, "boolean", ("nein", "ja")),
        (["female", "male"] * 60, "category", ("female", "male")),
        (["b", "a", "c"] * 40, "category", ("a", "b", "c")),
        ([5.0] * N, "constant", ()),
        (["same"] * N, "constant", ()),
        ([np.nan] * N, "constant", ()),
        ([None, "ticked"] * 60, "category", ("ticked",)),
        (ROW + 1, "id", ()),
        (RNG.permutation(N) + 4000, "id", ()),
        ([f"AB-{i:04d}" for i in ROW], "id", ()),
        ([f"{i * 7919 % 65536:04x}-x" for i in range(0x1000, 0x1000 + N)], "id", ()),
        ([f"word{'abcdefghij'[i % 10]} and {i} more of it" for i in ROW], "text", ()),
        (pd.date_range("2020-01-01", periods=N), "date", ()),
        ([f"{i % 28 + 1:02d}.{i % 12 + 1:02d}.2020" for i in ROW], "date", ()),
        ([f"{i % 24:02d}:{i % 60:02d}" for i in ROW], "date", ()),
        ([f"a{i % 60}@example.org" for i in ROW], "text", ()),
        ([f"+49 170 {i % 60 + 1000000}" for i in ROW], "text", ()),
    ],
)
def test_kinds(values, kind, levels):
    column = one(values)
    assert (column.kind, column.levels) == (kind, levels)
    assert all(map(is_plain, column.levels)) and all(type(level) in (str, bool, int, float) for level in column.levels)
    assert column.declared is False


def test_ids_are_told_from_numbers():
    shuffled = pd.DataFrame(
        {"caseid": RNG.choice(10**6, N, replace=False), "income": RNG.choice(10**6, N, replace=False)}
    )
    types = guess(shuffled)
    assert types["caseid"].kind == "id" and types["income"].kind == "number"
    half = guess(pd.DataFrame({"nr": RNG.permutation(2000)[:1000]}))  # numbered rows after a split
    assert half["nr"].kind == "id"
    assert one(RNG.integers(0, 2000, 1000)).kind == "number"
    assert one([10**17 + 7 * i for i in range(N)]).kind == "id"
    names = [a + b + "son" for a in ("Anna ", "Bob ", "Carl ") for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    assert one(names).kind == "text"
    assert one([1, 2, 3]).kind == "number" and one(["a", "b", "c"]).kind == "category"  # too few to tell


def test_an_order_comes_from_the_frame_only():
    often = pd.CategoricalDtype(["never", "sometimes", "often", "don't know"], ordered=True)
    column = one(["often", "never", "don't know"] * 9, dtype=often)
    assert (column.kind, column.levels, column.missing) == ("ordinal", ("never", "sometimes", "often"), ("don't know",))
    assert column.declared and pandas_dtype(column) == often and "don't know" in column.warnings[0]
    plain = one(["often", "never", "sometimes", "rarely"] * 9)
    assert plain.kind == "category" and "declare its order" in plain.warnings[0]
    loose = one(["b", "a"] * 9, dtype=pd.CategoricalDtype(["b", "c", "a"]))
    assert (loose.kind, loose.levels, loose.declared) == ("category", ("b", "c", "a"), False)
    inside = one(["n/a", "low"] * 9, dtype=pd.CategoricalDtype(["n/a", "low", "high"], ordered=True))
    assert inside.levels == ("n/a", "low", "high") and "stands in the order" in inside.warnings[0]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([*range(20, 80), -8, -8, -9, -9], (-9, -8)),
        ([*range(20, 80), -99, -99], (-99,)),
        ([*range(1, 8)] * 5 + [999] * 3, (999,)),
        ([*range(1, 8)] * 5 + [99, 99, 98, 98], (98, 99)),
        ([0.5, 1.5, 2.25] * 9 + [-8.0] * 2, (-8,)),
        ([*range(-30, 40), -999, -999], (-999,)),
        ([*range(900), -1, -1], (-1,)),
        ([*range(-30, 40)] * 2, ()),  # -8, -9 are temperatures
        ([-1, 0, 1, 2] * 9, ()),
        ([*range(18, 100)] * 2, ()),  # 99 is an age
        ([*range(1200)] * 2, ()),
        ([*range(20, 80), 999], ()),  # once: an outlier, perhaps
    ],
)
def test_codes_for_no_answer_among_numbers(values, codes):
    column = one(values)
    assert (column.kind, column.missing) == ("number", codes)
    assert any("taken as no answer" in warning for warning in column.warnings) == bool(codes)


def test_nine_among_five_is_only_doubted():
    column = one([1, 2, 3, 4, 5] * 20 + [9] * 5)
    assert column.missing == () and "9 may be a code" in column.warnings[0]


def test_words_for_no_answer():
    column = one([1, 2.5, "refused", "don't know", 4] * 9)
    assert (column.kind, column.missing) == ("number", ("don't know", "refused")) and column.step == 0.5
    column = one(["red", "blue", "refused"] * 9)  # among levels without order they are levels
    assert column.missing == () and "'refused'" in column.warnings[0]
    column = one([0, 1, -9, "refused"] * 9)
    assert (column.kind, column.levels, column.missing) == ("boolean", (0, 1), (-9, "refused"))
    assert one([1, 2, "3+"] * 9).kind == "category"


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([1, 2, 5], 1),
        ([0.1, 0.2, 0.7], 0.1),
        ([1.25, 3.5], 0.25),
        (np.arange(60) * 500, 500),
        ([20, 30], 1),
        (np.float32([0.1, 0.25]), 0.05),
        ([0], 1),
        ([1e-20, 3e-20], 1e-29),
        ([19.99, 5], 0.01),
    ],
)
def test_steps(values, step):
    assert step_of(values, 1e-7 if getattr(values, "dtype", None) == np.float32 else 1e-15) == pytest.approx(step)


@settings(max_examples=100, deadline=None, database=None)
@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=40), st.integers(0, 6))
def test_every_value_lies_on_the_step(whole, digits):
    x = np.array(whole) / 10**digits
    ratio = x / step_of(x)
    np.testing.assert_allclose(ratio, np.rint(ratio), atol=1e-4)


# ---- dates ----


@pytest.mark.parametrize(
    "pattern", ["%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "%d %b %Y", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%m/%d/%y"]
)
def test_written_dates(pattern):
    days = pd.date_range("2019-01-01", periods=N, freq="31h")
    column = one(days.strftime(pattern))
    assert (column.kind, column.format, column.warnings) == ("date", pattern, ())
    assert column.step == (3600 if "%H" in pattern else 86400)
    check(pd.DataFrame({"x": days.strftime(pattern)}), Types([column]))


def test_doubtful_dates():
    column = one(["03/04/2020", "05/06/2021", "01/02/2020"] * 9)
    assert column.kind == "date" and "%m/%d/%Y" in column.warnings[0] and column.format == "%d/%m/%Y"
    column = one([f"{month:02d}/01/2020" for month in range(1, 13)] * 3)  # the first of each month
    assert column.format == "%m/%d/%Y"
    column = one([f"2020-01-{i % 28 + 1:02d}" for i in ROW] + ["refused", "9999-12-31", "9999-12-31"])
    assert column.missing == ("9999-12-31", "refused") or column.missing == ("refused", "9999-12-31")
    text = complaint(pd.DataFrame({"x": [f"2020-01-{i % 28 + 1:02d}" for i in ROW] + ["1066-01-01", "2020-13-01"]}))
    assert "'1066-01-01'" in text and "'2020-13-01'" in text
    assert one(["1-2", "3-5", "10-19"] * 9).kind == one(["2019-2020", "2020-2021", "2018-2019"] * 9).kind == "category"


# ---- weights and blocks ----


def test_weights():
    ones = np.exp(RNG.normal(0, 0.4, N)).round(4)
    df = pd.DataFrame(
        {"weight": ones / ones.mean(), "wt_pop": ones * 20_000.5, "Weight": (RNG.normal(67, 12, N)).round(2)}
    )
    df["weightless"] = df["weight"]
    types = guess(df)
    assert [types[name].role for name in df] == ["weight", "weight", "", ""]
    assert "body weight" in types["Weight"].warnings[-1] and not types["weightless"].warnings


def test_blocks():
    df = pd.DataFrame({f"q5_{i}": RNG.integers(0, 2, N) for i in range(1, 5)})
    df = df.assign(**{f"media[{c}]": np.where(RNG.random(N) < 0.4, f"label {c}", None) for c in "abc"})
    df = df.assign(**{f"q7{c}": RNG.choice(["agree", "neither", "disagree"], N) for c in "abc"})
    df = df.assign(
        **{f"A{i}": RNG.integers(1, 6, N) for i in range(1, 4)}, **{f"B{i}": RNG.integers(1, 6, N) for i in (1, 2)}
    )
    df = df.assign(**{name: RNG.integers(1, 8, N) for name in ("leaning", "leaning_wife", "leaning_boss")})
    df = df.assign(x_1=RNG.normal(size=N), x_2=RNG.normal(size=N), x_3=RNG.normal(size=N))
    roles = {name: column.role for name, column in guess(df).items()}
    assert {roles[f"q5_{i}"] for i in range(1, 5)} == {"check-all q5"}
    assert {roles[f"media[{c}]"] for c in "abc"} == {"check-all media"}
    assert {roles[f"q7{c}"] for c in "abc"} == {"battery q7"} and {roles[f"A{i}"] for i in (1, 2, 3)} == {"battery A"}
    assert {roles[name] for name in ("leaning", "leaning_wife", "leaning_boss")} == {"battery leaning"}
    assert {roles[name] for name in ("B1", "B2", "x_1", "x_2", "x_3")} == {""}


# ---- dtypes go in and can be restored ----


@pytest.mark.parametrize(
    "dtype",
    [
        "int8",
        "int64",
        "uint16",
        "Int64",
        "UInt8",
        "float32",
        "float64",
        "Float64",
        "bool",
        "boolean",
        "object",
        "string",
    ]
    + ["category", "datetime64[ns]", "datetime64[s]", "datetime64[ns, Europe/Berlin]", "string[python]"]
    + [f"{name}[pyarrow]" for name in ("int64", "double", "float", "bool", "string", "large_string", "date32[day]")]
    + ["timestamp[us][pyarrow]", "timestamp[us, tz=UTC][pyarrow]"],
)
def test_dtypes_can_be_restored(dtype):
    if "pyarrow" in dtype:
        pa = pytest.importorskip("pyarrow")
        dtype = pd.ArrowDtype(pa.string()) if dtype == "string[pyarrow]" else dtype
    name = str(dtype)
    values = pd.Series(ROW % 9)
    if "bool" in name:
        values = values % 2 == 0
    elif "date" in name or "time" in name:
        values = pd.Timestamp("2020-01-01") + pd.to_timedelta(values, unit="D")
        values = values.dt.tz_localize("UTC") if "tz=" in name or "Berlin" in name else values
    elif "str" in name or name == "category":
        values = values.map("v{}".format)
    series = values.astype(dtype)
    if not (series.dtype.kind in "iub" and isinstance(series.dtype, np.dtype)):
        series = series.where(ROW % 11 != 0).astype(dtype)
    column = one(series)
    assert column.dtype in (str(series.dtype), name)
    assert column.kind in ("number", "boolean", "date", "category")
    back = (
        series.astype(object).astype(pandas_dtype(column))
        if column.kind != "date"
        else series.astype(pandas_dtype(column))
    )
    assert back.dtype == series.dtype or dtype == "string[python]"
    check(series.to_frame("x"), Types([column]))


@pytest.mark.parametrize(
    ("values", "mend"),
    [
        (pd.to_timedelta([1, 2], unit="D"), "total_seconds"),
        (pd.period_range("2020-01", periods=2, freq="M"), "to_timestamp"),
        (pd.cut([1, 5], 2), "astype(str)"),
        ([1 + 2j, 3], "two columns"),
        (pd.arrays.SparseArray([1.0, np.nan]), "to_dense"),
        ([[1], [2]], "text or numbers"),
        ([datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)], "pd.to_datetime"),
        ([decimal.Decimal("1.5"), decimal.Decimal("2")], "astype(float)"),
        ([b"a", b"b"], "text or numbers"),
        ([True, "a"], "use one"),
        ([1, 2, 3, 4, 5, 6, "seven", 8], "1 texts among its numbers, such as 'seven' (1x)"),
        ([1.0, np.inf], "infinite"),
        ([1e16, 2e16, 2e16], "1e+16"),
        (np.array(["9999-01-01", "2020-01-01"], "datetime64[s]"), "1678 to 2261"),
    ],
)
def test_columns_that_cannot_be_used(values, mend):
    text = complaint(pd.DataFrame({"fine": range(len(values)), "odd": values}))
    assert mend in text and "column 'odd'" in text and "'fine'" not in text


def test_frames_that_cannot_be_used():
    assert "no rows" in complaint(pd.DataFrame({"a": []})) and "no columns" in complaint(pd.DataFrame(index=[0, 1]))
    assert "not a list" in complaint([1, 2])
    df = pd.DataFrame([[1, 2, 3, 4, 5]], columns=["a", "a", "b", "b", 1.5])
    text = complaint(df)
    assert "'a': 2 columns" in text and "'b': 2 columns" in text and "1.5" in text
    assert "several levels" in complaint(pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])))
    wrong = pd.DataFrame({"a": [np.inf, 1.0], "b": [1 + 1j, 2], "c": [1, 2], "d": [[], []]})
    text = complaint(wrong)
    assert text.startswith("guess: 3 problem(s)") and all(f"column {name!r}" in text for name in "abd")


def test_too_many_levels_and_other_doubts():
    column = one([f"{chr(97 + i % 25)} place {i % 1500}" for i in range(6000)])
    assert column.kind == "text" and "1,500 different" in column.warnings[0]
    assert "take the sign away" in one([f"{i} %" for i in ROW]).warnings[0]
    assert "differ only in capitals" in one(["a", "A ", "b"] * 9).warnings[0]
    assert any("150 levels" in warning for warning in one([f"v{i % 150}x" for i in range(900)]).warnings)
    assert "dates written as numbers" in one([20200101 + i % 28 for i in ROW]).warnings[-1]
    types = guess(pd.DataFrame({"q": [1, 2, 3] * 9, "<b>": ["=1+1", "x"] * 13 + ["x"]}))
    assert types.warnings[0].startswith("q: ") and "formula" in types.warnings[1]


def test_guessing_changes_nothing_and_warns_of_nothing():
    df = pd.DataFrame({"a": ["x", None] * 9, "b": [1, "n/a"] * 9, 3: ROW[:18]})
    before = df.copy(deep=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        types = guess(df)
    pd.testing.assert_frame_equal(df, before)
    assert list(types) == ["a", "b", 3] and Types.from_json(types.to_json()) == types


# ---- checking ----


def test_a_frame_fits_its_own_types():
    df = pd.DataFrame(
        {"n": [1, -9, -9, 30, 40] * 5, "c": ["a", "b", "a", None, "b"] * 5, "d": ["2020-01-01"] * 24 + [None]}
    )
    check(df, guess(df))


def test_every_misfit_is_listed():
    types = Types(
        [
            Column("sex", "category", ("f", "m"), declared=True),
            Column("seen", "category", ("a", "b")),
            Column("age", "number", missing=(-9, "refused")),
            Column("day", "date", format="%Y-%m-%d"),
            Column("when", "date"),
            Column("gone", "number"),
        ]
    )
    df = pd.DataFrame(
        {
            "sex": ["f", "x", "x", None],
            "seen": ["a", "c", "b", "a"],
            "age": [1e16, -9, "refused", "old"],
            "day": ["2020-01-01", "1066-01-01", "tomorrow", None],
            "when": np.array(["2020-01-01", "9999-01-01", "NaT", "2020-01-01"], "datetime64[s]"),
            "more": 1,
        }
    )
    text = complaint(df, types, where="holdout", strict=False)
    assert text.startswith("holdout: 7 problem(s)")
    for part in ("'gone'", "'more'", "'x' (2x)", "'old' (1x)", "beyond 1e+15", "'1066-01-01'", "'tomorrow'", "9999"):
        assert part in text
    assert "'seen'" not in text and "'c' (1x)" in complaint(df, types)
    assert "infinite" in complaint(pd.DataFrame({"x": [np.inf]}), Types([Column("x", "number")]))
    assert "no rows" in complaint(df.iloc[:0], types)
    twice = pd.DataFrame([[1, 2]], columns=["x", "x"])
    assert "2 columns have this name" in complaint(twice, Types([Column("x", "number")]))
