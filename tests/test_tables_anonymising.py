"""Classical anonymisation: every group has k rows, values stay in their domain, and problems come at once."""

import numpy as np
import pandas as pd
import pytest

import genlab as gl
from genlab import tables
from genlab.tables.types import Column, Types

KEYS = ["age", "gender", "grade", "race"]


@pytest.fixture(scope="module")
def survey():
    df, types = tables.read(gl.datasets.read("survey.csv"), types=gl.datasets.read("survey.types.json"))
    return df.sample(1500, random_state=1), types


@pytest.mark.parametrize("k", [2, 5, 20])
def test_every_row_hides_among_k(survey, k):
    df, types = survey
    made = tables.anonymise(df, KEYS, types=types, k=k)
    assert tables.attacks.anonymity(df, KEYS).k == 1 and tables.attacks.anonymity(made, KEYS).k >= k
    assert len(df) * 0.95 <= len(made) < len(df) and list(made.columns) == list(df.columns)
    assert made.index.isin(df.index).all() and (made.dtypes == df.dtypes).all()
    others = [name for name in df if name not in KEYS]
    pd.testing.assert_frame_equal(made[others], df.loc[made.index, others])
    for name in KEYS:
        assert set(made[name].dropna()) <= set(df[name].dropna())


def test_a_larger_k_leaves_no_more_of_the_keys(survey):
    df, types = survey
    left = [tables.anonymise(df, KEYS, types=types, k=k)[KEYS].nunique().prod() for k in (1, 3, 10, 50)]
    assert left == sorted(left, reverse=True) and left[0] > left[-1]
    pd.testing.assert_frame_equal(tables.anonymise(df, KEYS, types=types, k=1), df)


def test_codes_gaps_and_repeated_index_labels_stay():
    x = pd.Series([*range(100), -9, np.nan] * 2, dtype=float)
    df, types = pd.DataFrame({"x": x}).set_axis([0] * len(x)), Types([Column("x", "number", missing=(-9,))])
    made = tables.anonymise(df, "x", types=types, k=20, suppress=0.1)
    assert tables.attacks.anonymity(made, "x").k >= 20
    kept = tables.anonymise(df, "x", types=types, k=2, suppress=0)
    assert (kept["x"] == -9).sum() == 2 and kept["x"].isna().sum() == 2


def test_the_top_and_the_bottom_are_coded():
    income = pd.DataFrame({"income": [*np.arange(200.0), 1e6]})
    made = tables.anonymise(income, ["income"], types=Types([Column("income", "number")]), k=5)
    assert made["income"].max() < 200 and made["income"].min() > 0


def test_of_levels_the_common_ones_are_kept():
    df = pd.DataFrame({"town": ["a"] * 50 + ["b"] * 30 + list("cdefghijklmnopqrst")})
    types = Types([Column("town", "category", levels=tuple("abcdefghijklmnopqrst"))])
    made = tables.anonymise(df, ["town"], types=types, k=10, suppress=0)
    assert made["town"].value_counts().to_dict() == {"a": 50, "b": 30} and made["town"].isna().sum() == 18


def test_all_problems_come_at_once(survey):
    df, types = survey
    with pytest.raises(ValueError, match=r"3 problem\(s\)") as error:
        tables.anonymise(df, ["shoe size"], types=types, k=0, suppress=2)
    assert all(word in str(error.value) for word in ("'shoe size'", "k=0", "suppress=2"))
    with pytest.raises(ValueError, match="at least one column"):
        tables.anonymise(df, [], types=types)


def test_what_cannot_be_reached_is_a_sentence_with_its_mend():
    df = pd.DataFrame({"x": [1.0, 1, 1, 1, 2, 2, 2, 2, None, None]})
    types = Types([Column("x", "number", dtype="float64")])
    with pytest.raises(ValueError, match=r"2 of 10 rows stay in groups below k=3.*suppress=0\.20"):
        tables.anonymise(df, ["x"], types=types, k=3, suppress=0)
    assert len(tables.anonymise(df, ["x"], types=types, k=3, suppress=0.2)) == 8


def test_dates_that_are_written_as_text_are_joined_by_their_days():
    days = pd.Series(pd.date_range("2001-01-01", periods=300, freq="13D"))
    df = pd.DataFrame({"born": days.dt.strftime("%d/%m/%Y")})
    types = Types([Column("born", "date", dtype="object", format="%d/%m/%Y", step=86400.0)])
    made = pd.to_datetime(tables.anonymise(df, ["born"], types=types, k=20, suppress=0.2)["born"], format="%d/%m/%Y")
    assert made.nunique() > 3 and (made - days[made.index]).abs().max() <= pd.Timedelta(days=13 * 60)
