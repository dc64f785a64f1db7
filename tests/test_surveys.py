"""The shipped surveys: every answer as it stands in the file, scales in their declared order, no torch needed."""

import csv
import subprocess
import sys

import pandas as pd
import pytest

import genlab as gl
from genlab import files, surveys
from genlab.tables.reading.reading import read
from genlab.tables.types import LEVELS, Types

NAMES = ("survey", "opinions")


def declared(name):
    return Types.from_json(files.read(f"{name}.types.json").read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_of_the_file_is_in_the_frame(name):
    df = getattr(surveys, name)()
    with open(files.read(f"{name}.csv"), encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == list(df) and len(rows) == len(df)
    for column, cells in zip(head, zip(*rows, strict=True), strict=True):
        gone = [cell == "" for cell in cells]
        assert df[column].isna().tolist() == gone
        kind = float if df[column].dtype.kind in "if" else str
        assert [kind(value) for value in df[column].dropna()] == [kind(cell) for cell in cells if cell != ""]


@pytest.mark.parametrize("name", NAMES)
def test_the_declared_types_fit_the_frame(name):
    df, types = getattr(surveys, name)(), declared(name)
    assert list(types) == list(df)
    assert files.read(f"{name}.types.json").read_text("utf-8") == types.to_json() + "\n"
    for column in types.values():
        values = df[column.name].dropna()
        assert str(df[column.name].dtype) == column.dtype
        if column.kind in LEVELS:
            assert column.declared and set(column.levels) | set(column.missing) == set(values)  # each level is in use
            assert values.cat.ordered == (column.kind == "ordinal")
            assert values.cat.categories.tolist() == [*column.levels, *column.missing]
        else:
            assert column.kind == "number"
            assert ((values / column.step).round() * column.step - values).abs().max() < 1e-9
        assert set(column.labels) <= set(values)


def test_scales_of_the_survey_run_from_least_to_most():
    df = gl.datasets.survey()
    assert df.shape == (13583, 13)
    assert df["school_night_hours_sleep"].max() == "10+" and df["school_night_hours_sleep"].min() == "<5"
    assert (df["grade"] <= "10").sum() == df["grade"].isin(["9", "10"]).sum() > 0
    helmet = df["helmet_12m"]
    assert (helmet <= "rarely").sum() == helmet.isin(["never", "rarely"]).sum()
    # older students sleep less and drive more: an order the wrong way round would turn these signs
    types = declared("survey")
    age, ranks = df["age"], lambda name: df[name].cat.codes.where(df[name].isin(types[name].levels))
    assert age.corr(ranks("grade")) > 0.8
    assert age.corr(ranks("school_night_hours_sleep")) < -0.05 and age.corr(ranks("text_while_driving_30d")) > 0.2


def test_an_answer_off_the_scale_is_kept_and_is_not_missing():
    df, types = gl.datasets.survey(), declared("survey")
    off = {name: column.missing for name, column in types.items() if column.missing}
    assert off == {
        "grade": ("other",),
        "helmet_12m": ("did not ride",),
        "text_while_driving_30d": ("did not drive",),
    }
    for name, (code,) in off.items():
        assert (df[name] == code).sum() > 20 and code not in types[name].levels
        assert df[name].cat.categories[-1] == code and df[name].cat.categories[0] == types[name].levels[0]


def test_opinions_run_from_left_to_right():
    df, types = gl.datasets.opinions(), declared("opinions")
    assert df.shape == (944, 10) and not df.isna().any(axis=None)
    codes = df.apply(pd.to_numeric)
    assert codes["leaning"].corr(codes["party"]) > 0.4  # liberals are Democrats
    assert codes["leaning_clinton"].mean() < codes["leaning"].mean() < codes["leaning_dole"].mean()
    for name in ("leaning", "party", "education", "income", "vote"):
        assert set(types[name].labels) == set(types[name].levels)
        assert len(set(types[name].labels.values())) == len(types[name].levels)
    assert pd.crosstab(df["vote"], df["party"]).idxmax(axis=1).tolist() == [0, 6]


@pytest.mark.parametrize("name", NAMES)
def test_a_survey_is_what_reading_its_files_gives(name):
    df, types = read(files.read(f"{name}.csv"), types=files.read(f"{name}.types.json"))
    pd.testing.assert_frame_equal(df, getattr(surveys, name)())
    assert types == declared(name)


def test_a_survey_is_read_anew_each_time():
    first = gl.datasets.survey()
    first["age"] = 0.0
    assert gl.datasets.survey()["age"].max() == 18


def test_surveys_need_no_torch():
    code = "import sys; from genlab import surveys; surveys.opinions(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
