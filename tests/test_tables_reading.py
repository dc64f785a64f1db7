"""Files read as tables: every hostile file ends in a right result or in one error that lists every problem."""

import datetime
import json
import re
import string
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from genlab.tables.reading import reading
from genlab.tables.reading.guessing import guess
from genlab.tables.reading.reading import ReadError, read
from genlab.tables.types import Column, Types

SMALL = "age,sex,score\n30,f,1.5\n41,m,2.5\n30,f,1.5\n41,m,2.25\n"


@pytest.fixture
def put(tmp_path):
    """A function that writes a file and returns its path."""

    def write(content, name="survey.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def complaint(path, **options):
    """The text of the one error that reading `path` ends in; it names the file and counts its problems."""
    with pytest.raises(ReadError) as caught:
        read(path, **options)
    text = str(caught.value)
    n = int(text.split(":")[1].split()[0]) if str(path) in text else None
    assert n == len(text.splitlines()) - 1, text
    return text


# ---- what is read ----


def test_a_plain_file_is_read(put):
    df, types = read(put(SMALL))
    expected = pd.DataFrame({"age": [30, 41, 30, 41], "sex": ["f", "m", "f", "m"], "score": [1.5, 2.5, 1.5, 2.25]})
    pd.testing.assert_frame_equal(df, expected)
    assert [column.kind for column in types.values()] == ["number", "category", "number"]
    assert types["score"].step == 0.25 and types["sex"].levels == ("f", "m")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(put, delimiter, ending):
    df, _ = read(put(SMALL.replace(",", delimiter).replace("\n", ending)))
    assert df.shape == (4, 3) and df["score"].tolist() == [1.5, 2.5, 1.5, 2.25]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_encodings(put, encoding):
    df, types = read(put("größe;Straße\n1,5;Köln\n2,25;Zürich\n1,5;Köln\n", encoding=encoding))
    assert list(df) == ["größe", "Straße"] and df["Straße"].tolist() == ["Köln", "Zürich", "Köln"]
    assert df["größe"].tolist() == [1.5, 2.25, 1.5]
    assert bool(types["Straße"].warnings) == (encoding in ("cp1252", "latin-1"))


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.5", "2.25"], [1.5, 2.25]),
        (["1,5", "2,25"], [1.5, 2.25]),
        (["1.234,5", "12"], [1234.5, 12]),
        (["1,234.5", "12"], [1234.5, 12]),
        (["1 234,5", "12,0"], [1234.5, 12]),
        (["1\u00a0234", "12"], [1234, 12]),
        (["1'234.50", "12"], [1234.5, 12]),
        (["-3", "+4"], [-3, 4]),
        (["1e3", "2E-2"], [1000, 0.02]),
        ([".5", "-.25"], [0.5, -0.25]),
        (["1,234,567", "1"], [1234567, 1]),
        (["1.234.567", "1"], [1234567, 1]),
        (["0,123", "0,5"], [0.123, 0.5]),
    ],
)
def test_decimal_marks(put, cells, values):
    df, _ = read(put("x;who\n" + "".join(f"{cell};a\n" for cell in cells)))
    assert df["x"].tolist() == values


def test_one_column_tells_the_decimal_mark_of_another(put):
    text = "a;b\n1.234;1,5\n2.345;2,5\n"
    df, types = read(put(text))
    assert df["a"].tolist() == [1234, 2345] and "'1.234' read as 1234" in " ".join(types["a"].warnings)
    df, types = read(put(text.replace("1,5", "1.5").replace("2,5", "2.5")))
    assert df["a"].tolist() == [1.234, 2.345]
    df, types = read(put("a;b\n1,2;x\n3;y\n1,3;x\n"))
    assert df["a"].tolist() == [1.2, 3, 1.3] and "several answers" in " ".join(types["a"].warnings)


def test_quotes_blank_lines_and_spaces(put):
    df, types = read(put('\n"a, b", "c ""d"""\n\n"1", "x\ny"\n2, "z"\n\n'))
    assert list(df) == ["a, b", 'c "d"'] and df.iloc[0].tolist() == [1, "x\ny"]
    df, _ = read(put("sep=|\na|b\n1,5|x\n2,5|y\n"))
    assert df["a"].tolist() == [1.5, 2.5]
    df, _ = read(put("a,b,\n1,2,\n3,4,\n"))
    assert list(df) == ["a", "b"]
    df, _ = read(put("a,b\n1,2,\n3,4,\n"))
    assert df.to_numpy().tolist() == [[1, 2], [3, 4]]
    df, _ = read(put('"a","b"\n"r1",1,2\n"r2",3,4\n'))
    assert list(df) == ["rownames", "a", "b"]
    df, _ = read(put("only\n1,5\n2,5\n"))
    assert df["only"].tolist() == [1.5, 2.5]


def test_empty_cells_are_missing_and_none_is_an_answer(put):
    df, types = read(put("n,religion,x\n1,none,\nNA,None,.\n3,NA,2.5\n4,,NaN\n"))
    assert df["n"].dtype == "Int64" and df["n"].isna().tolist() == [False, True, False, False]
    assert df["religion"].isna().tolist() == [False, False, True, True] and df["x"].isna().sum() == 3
    assert "differ only in capitals" in types["religion"].warnings[0]
    df, types = read(put("land\n" + "\n".join(["DE", "FR", "NA", "US", "GB", "IT"] * 3)))
    assert (df["land"] == "NA").sum() == 3 and "two letters" in " ".join(types["land"].warnings)


def test_codes_stay_text(put):
    rows = "".join(f"{i % 7:05d},{10**17 + i},{i % 4}+,{20200101 + i % 28},{bool(i % 2)}\n" for i in range(100))
    df, types = read(put("zip,huge,range,day,yes\n" + rows))
    assert df["zip"].iloc[1] == "00001" and types["zip"].kind == "category"
    assert df["huge"].iloc[1] == "100000000000000001" and types["huge"].kind == "id"
    assert types["range"].levels == ("0+", "1+", "2+", "3+")
    assert (types["day"].kind, types["day"].format, types["day"].step) == ("date", "%Y%m%d", 86400)
    assert df["yes"].dtype == bool and types["yes"].levels == (False, True)


def test_words_among_numbers(put):
    rows = "".join(
        f"{i},{'refused' if i % 9 == 0 else i % 50},{'<5' if i % 8 == 0 else 5 + i % 3}\n" for i in range(200)
    )
    df, types = read(put("id,income,hours\n" + rows))
    assert types["income"].kind == "number" and types["income"].missing == ("refused",)
    assert "refused" in types["income"].warnings[0] and df["income"].dtype == object
    assert types["hours"].kind == "category" and types["hours"].levels == ("5", "6", "7", "<5")
    text = complaint(put("x,y\n" + "".join(f"{i},{i}\n" for i in range(99)) + "12a,1\n"))
    assert "column 'x'" in text and "'12a' in line 101" in text and "column 'y'" not in text


# ---- what is refused: one error that lists everything ----


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ["empty"]),
        (b"\xef\xbb\xbf\n \n", ["empty"]),
        (b"a,b\n", ["no rows below"]),
        (b"a,b,a,c,b\n1,2,3,4,5\n", ["'a': 2 columns", "'b': 2 columns"]),
        (b"a,,c\n1,2,3\n", ["no name above column 2"]),
        (b"1,2\n3,4\n5,6\n", ["first row holds numbers"]),
        (b"a,b,c\n1,2\n3,4,5\n6,7,8,9\n1,1,1\n", ["2 of 4 rows", "line 2 has 2", "line 4 has 4", "3 cells"]),
        (b"Survey of 2020, all\na,b,c\n1,2,3\n4,5,6\n", ["line 2 has 3", "title"]),
        (b"# made by a tool\na,b\n1,2\n3,4\n", ["line 2 has 2", "title"]),
        (
            b"age,n\n[years],x\n" + b"".join(b"%d,x\n" % (20 + i % 50) for i in range(80)),
            ["'age'", "'[years]' in line 2"],
        ),
        (b'{"a": 1,\n "b": 2}', ["JSON"]),
        (b'a,b\n1,"x\n2,y\n3,z\n', ["line 2", "does not close"]),
        (b'a,b\n1,"x"y\n2,z\n', ["line 2", "quotation mark"]),
        (b"a,b\n1,\x00\x01\n2,3\n", ["line 2", "'\\x00'"]),
        (b"a,b\n1,\x81\n2,3\n", ["line 2", "no text", "UTF-8"]),
        (bytes(range(256)) * 20, ["no text"]),
        (b"a;b\n1,5;1\n2.5;1\n", ["column 'a'", "'2.5'", "'1,5'"]),
        (b"a,b\n1,inf\n2,-inf\n3,1\n4,2\n", ["column 'b'", "2 of its numbers are infinite"]),
        (b"a,b\n1e300,x\n2,y\n2,y\n", ["column 'a'", "1e+300"]),
        (b"%PDF-1.4 junk", ["PDF"]),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, ["password"]),
        (b"<!doctype html><table></table>", ["web page"]),
        (b"\x1f\x8b\x08\x00", ["gzip"]),
    ],
)
def test_hostile_text_is_refused_with_its_place(put, content, expected):
    text = complaint(put(content))
    assert [part for part in expected if part not in text] == []


def test_every_problem_is_listed_at_once(put):
    rows = [f"{i},{i},{i}.5,2020-01-{i % 28 + 1:02d}" for i in range(1, 90)]
    rows += ["12a,inf,1,2020-13-45", "7b,3,1,1066-01-01"]
    text = complaint(put("a,b,c,d\n" + "\n".join(rows) + "\n"))
    assert [name in text for name in ("'a'", "'b'", "'c'", "'d'")] == [True, False, False, False]  # cells first
    text = complaint(put("a,b,c,d\n" + "\n".join(rows).replace("12a", "12").replace("7b", "7")))
    assert [name in text for name in ("'a'", "'b'", "'c'", "'d'")] == [False, True, False, True]
    assert "'1066-01-01'" in text and "'2020-13-45'" in text


def test_one_row_and_all_missing_are_read(put):
    df, types = read(put("a,b,c\n1,x,\n"))
    assert [column.kind for column in types.values()] == ["constant"] * 3 and "no value" in types["c"].warnings[0]


def test_names_come_as_they_are(put):
    names = ["a[1]", "<script>alert(1)</script>", "😀", "=1+1", "q (%)", "x.y", "1st", "two\nlines"]
    df, types = read(put(",".join(f'"{name}"' for name in names) + "\n" + "\n".join(["1,2,3,4,5,6,7,8"] * 3)))
    assert list(df) == names == list(types)
    assert "<script>" not in types._repr_html_()


def test_formulas_stay_text(put):
    rows = "\n".join(['"=HYPERLINK(""http://x"")",a', "@SUM(A1),b", "-3,c", "+cmd|' /C calc'!A0,d"] * 6)
    df, types = read(put("f,g\n" + rows))
    assert df["f"].iloc[0] == '=HYPERLINK("http://x")' and types["f"].kind == "category"
    assert any("formula" in warning for warning in types["f"].warnings)


def test_five_thousand_levels(put):
    words = [
        f"{a}{b}{c} street {a}" for a in string.ascii_lowercase for b in "abcdefgh" for c in "abcdefghijklmnopqrstuvwxy"
    ]
    df, types = read(put("where,x\n" + "".join(f"{word},{i % 3}\n" for i, word in enumerate(words[:5000]))))
    assert types["where"].kind == "text" and "5,000" in types["where"].warnings[0]


def test_too_large_or_absent(put, tmp_path, monkeypatch):
    assert "no such file" in complaint(tmp_path / "nothing.csv")
    assert "folder" in complaint(tmp_path)
    path = put(SMALL)
    monkeypatch.setattr(reading, "LIMIT", 10)
    assert "at most" in complaint(path)
    monkeypatch.undo()
    assert "10,001" in complaint(put(",".join(f"c{i}" for i in range(10_001)) + "\n" + ",".join("1" * 10_001) + "\n"))


@pytest.mark.parametrize("name", ["a.xlsx", "a.sav", "a.parquet", "a.dta"])
def test_another_format_by_that_name(put, name):
    pytest.importorskip("pyreadstat")
    assert "a." in complaint(put(SMALL * 20, name))


@pytest.mark.parametrize(
    ("name", "start", "library"),
    [("a.xlsx", b"PK\x03\x04", "openpyxl"), ("a.sav", b"$FL2", "pyreadstat"), ("a.parquet", b"PAR1", "pyarrow")],
)
def test_a_library_that_is_not_there_is_named(put, monkeypatch, name, start, library):
    monkeypatch.setattr(reading.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=rf'{library}.*pip install "genlab\[files\]"'):
        read(put(start + b"\0" * 100, name))


# ---- with declared types ----


def test_a_file_of_types_declares_orders_and_dtypes(put):
    often = ("never", "sometimes", "often")
    declared = Types(
        [
            Column("q1", "ordinal", often, ("don't know",), declared=True, dtype="category"),
            Column("zip", "category", ("1", "2"), declared=True, dtype="object"),
            Column("n", "number", missing=("lost",), dtype="object"),
            Column("day", "date", dtype="datetime64[us]", step=86400),
        ]
    )
    text = "q1,zip,n,day,free\n" + "often,1,lost,2020-01-02,3\nnever,2,4,2021-05-06,4\ndon't know,1,5,,5\n"
    df, types = read(put(text), types=put(declared.to_json(), "types.json"))
    assert list(df["q1"].cat.categories) == [*often, "don't know"] and df["q1"].cat.ordered
    assert df["zip"].tolist() == ["1", "2", "1"] and df["n"].tolist() == ["lost", 4, 5]
    assert str(df["day"].dtype) == "datetime64[us]" and df["free"].tolist() == [3, 4, 5]
    assert [types[name] for name in declared] == list(declared.values()) and types["free"].kind == "number"


def test_declared_types_that_a_file_breaks(put):
    declared = Types(
        [
            Column("q1", "ordinal", ("low", "high"), declared=True, dtype="category"),
            Column("n", "number"),
            Column("gone", "number"),
        ]
    )
    assert "'gone'" in complaint(put("q1,n\nlow,1\nlow,2\n"), types=declared)
    declared = Types(list(declared.values())[:2])
    text = complaint(put("q1,n\nlow,1\nhihg,two\nhihg,3\n"), types=declared)
    assert "'hihg' (2x)" in text and "'two' (1x)" in text
    assert "types.json" in complaint(put("{}", "types.json"), types=put("{}", "types.json"))
    assert "absent.json" in str(pytest.raises(ReadError, read, put(SMALL), types="absent.json").value)


# ---- other formats ----


def book(path, sheets):
    openpyxl = pytest.importorskip("openpyxl")
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def test_excel(tmp_path):
    day = datetime.datetime(2020, 1, 2)
    rows = [["id", "x", "s", "day", "zip", "yes", "n"]]
    rows += [
        [i, i / 4, "ab"[i % 2], day + datetime.timedelta(i % 5), f"0{i % 3}", i % 2 == 0, None if i == 3 else i % 3]
        for i in range(40)
    ]
    path = book(tmp_path / "a.xlsx", {"Data": [*rows, [None] * 7]})
    df, types = read(path)
    assert df.shape == (40, 7) and [column.kind for column in types.values()] == [
        "id", "number", "category", "date", "category", "boolean", "number",
    ]  # fmt: skip
    assert df["zip"].iloc[0] == "00" and df["yes"].dtype == bool and str(df["n"].dtype) == "Int64"
    assert types["day"].step == 86400 and types["x"].step == 0.25
    path.rename(tmp_path / "renamed.csv")  # recognised by its first bytes
    pd.testing.assert_frame_equal(read(tmp_path / "renamed.csv")[0], df)


def test_excel_sheets_and_formulas(tmp_path):
    path = book(tmp_path / "a.xlsx", {"One": [["a"], [1], [2]], "Two": [["b"], [3], [4]], "Empty": []})
    assert "'One', 'Two'" in complaint(path) and "no sheet 'Three'" in complaint(path, sheet="Three")
    assert list(read(path, sheet="Two")[0]) == list(read(path, sheet=1)[0]) == ["b"]
    path = book(tmp_path / "f.xlsx", {"One": [["a", "b"], [1, "=A2+1"], [2, "=A3+1"]]})
    assert "2 formulas without a stored value, such as in B2, B3" in complaint(path)
    stored = tmp_path / "stored.xlsx"  # as a spreadsheet program writes it, with the result beside the formula
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stored, "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            if entry.endswith("sheet1.xml"):
                assert data.count(b"<v/>") + data.count(b"<v />") + data.count(b"<v></v>") == 2
                for empty in (b"<v/>", b"<v />", b"<v></v>"):
                    data = data.replace(empty, b"<v>7</v>")
            new.writestr(entry, data)
    assert read(stored)[0]["b"].tolist() == [7, 7]
    assert complaint(book(tmp_path / "g.xlsx", {"One": [["a", "a", None], [1, 2, 3]]})).count("column") >= 2
    (tmp_path / "cut.xlsx").write_bytes(path.read_bytes()[:900])
    assert "broken or cut short" in complaint(tmp_path / "cut.xlsx")


def test_a_spreadsheet_that_unpacks_to_too_much(tmp_path, monkeypatch):
    path = book(tmp_path / "a.xlsx", {"One": [["a"], *([i % 7] for i in range(3000))]})
    monkeypatch.setattr(reading, "LIMIT", 30_000)
    assert path.stat().st_size < 30_000 and "unpacks to" in complaint(path)


def test_spss(tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    n = np.arange(60)
    df = pd.DataFrame(
        {
            "agree": np.where(n == 7, np.nan, n % 4 + 1.0),
            "region": n % 3 + 1.0,
            "age": np.where(n % 10 == 0, -9.0, 20.0 + n % 37),
            "heard": n % 2 + 1.0,
            "trust": n % 5 + 0.0,
            "mood": n % 7 + 1.0,
            "word": np.where(n % 6 == 0, "", np.array(["x", "y"])[n % 2]),
            "day": [datetime.date(2020, 1, 1 + i % 20) for i in n],
            "weight": 0.5 + n % 3 / 2,
        }
    )
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(
        df,
        str(path),
        variable_value_labels={
            "agree": {1: "no", 2: "rather", 3: "yes", 4: "don't know"},
            "region": {1: "north", 2: "south", 3: "west", 4: "east"},
            "heard": {1: "Yes", 2: "No"},
            "trust": {0: "a", 1: "b", 2: "c", 3: "d", 4: "e"},
            "mood": {1: "bad", 7: "good"},
        },
        missing_ranges={"age": [{"lo": -9, "hi": -1}]},
        variable_measure={
            "agree": "ordinal",
            "region": "nominal",
            "age": "scale",
            "trust": "unknown",
            "mood": "ordinal",
        },
    )
    df, types = read(path)
    agree = types["agree"]
    assert (agree.kind, agree.levels, agree.missing, agree.declared) == ("ordinal", (1, 2, 3), (4,), True)
    assert agree.labels[2] == "rather" and agree.dtype == str(df["agree"].dtype) == "Int64"
    assert (types["region"].kind, types["region"].levels) == ("category", (1, 2, 3, 4))
    assert (types["age"].kind, types["age"].missing) == ("number", (-9,))
    assert (types["heard"].kind, types["heard"].levels) == ("boolean", (2, 1))
    assert types["trust"].kind == "category" and "no order" in types["trust"].warnings[-1]
    assert (types["mood"].kind, types["mood"].levels) == ("ordinal", tuple(range(1, 8)))
    assert df["word"].isna().sum() == 10 and types["word"].levels == ("x", "y")
    assert types["day"].kind == "date" and types["weight"].role == "weight"
    path.write_bytes(path.read_bytes()[:-200])
    assert "cut short" in complaint(path)


def test_stata(tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    n = np.arange(40)
    values = pd.Series(n % 3 + 1, dtype=object).where(n % 8 != 0, "a")
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(
        pd.DataFrame({"q": values, "x": n / 2}),
        str(path),
        variable_value_labels={"q": {1: "low", 2: "mid", 3: "high", "a": "refused"}},
        missing_user_values={"q": ["a"]},
    )
    df, types = read(path)
    assert (types["q"].kind, types["q"].levels, types["q"].missing) == ("category", (1, 2, 3), ("a",))
    assert types["q"].labels["a"] == "refused" and (df["q"] == "a").sum() == 5
    pd.DataFrame({"s": ["u", "v"] * 5, "y": range(10)}).to_stata(tmp_path / "b.dta", write_index=False)
    df, types = read(tmp_path / "b.dta")
    assert df["s"].tolist() == ["u", "v"] * 5 and df["y"].dtype.kind == "i"


def test_a_stata_file_that_says_it_has_more_rows_than_fit(tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(pd.DataFrame({"x": [1.0, 2.0]}), str(path))
    data = path.read_bytes()
    at = data.index(b"<N>") + 3
    path.write_bytes(data[:at] + (10**9).to_bytes(4, "little") + data[at + 4 :])
    assert "1,000,000,000 rows" in complaint(path)


def test_parquet_keeps_dtypes(tmp_path):
    pytest.importorskip("pyarrow")
    df = pd.DataFrame(
        {"c": pd.Categorical(["a", "b"] * 5, ["b", "a"], ordered=True), "n": pd.array([1, None] * 5, "Int64")}
    )
    df.to_parquet(tmp_path / "a.parquet")
    back, types = read(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(back, df)
    assert (types["c"].kind, types["c"].levels) == ("ordinal", ("b", "a"))
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-30])
    assert "broken or cut short" in complaint(tmp_path / "cut.parquet")


# ---- round trips ----

TEXT = st.text(
    st.characters(codec="cp1252", exclude_categories=("Cc", "Zs", "Zl", "Zp"), exclude_characters=",;|"),
    min_size=1,
    max_size=8,
)
WORD = TEXT.filter(lambda text: any(map(str.isalpha, text))).map(lambda text: "w" + text)
COLUMN = st.sampled_from(["whole", "decimal", "text", "truth"])


@st.composite
def tables(draw):
    n = draw(st.integers(1, 8))
    names = draw(st.lists(WORD, min_size=1, max_size=5, unique=True))
    values = {
        "whole": st.integers(-(10**9), 10**9),
        "decimal": st.floats(-1e9, 1e9, width=32).map(lambda x: round(float(x), 4)),
        "text": WORD,
        "truth": st.booleans(),
    }
    made = {}
    for name in names:
        kind = draw(COLUMN)
        column = draw(st.lists(values[kind], min_size=n, max_size=n))
        if draw(st.booleans()) and kind != "truth" and n > 1:
            column = [np.nan, *column[1:]]
        dtype = {"whole": "Int64" if column[0] is np.nan else "int64", "decimal": "float64", "truth": "bool"}.get(kind)
        made[name] = pd.Series(column, dtype=dtype)
    return pd.DataFrame(made)


def _is_utf8(data):
    """Whether bytes of Windows-1252 happen to be other text in UTF-8, which nobody can tell."""
    try:
        return not data.isascii() and bool(data.decode())
    except UnicodeDecodeError:
        return False


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    df=tables(),
    marks=st.sampled_from([(",", "."), (";", ","), (";", "."), ("\t", ","), ("\t", "."), ("|", ".")]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_a_frame_written_and_read_back_is_equal(tmp_path, df, marks, encoding):
    path = tmp_path / "round.csv"
    df.to_csv(path, sep=marks[0], decimal=marks[1], encoding=encoding, index=False, float_format="%.4f")
    assume(encoding != "cp1252" or not _is_utf8(path.read_bytes()))
    back, types = read(path)
    pd.testing.assert_frame_equal(back, df)
    again = Types.from_json(types.to_json())
    assert again == types and json.loads(again.to_json()) == json.loads(types.to_json())
    pd.testing.assert_frame_equal(read(path, types=types)[0], df)


@settings(max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=60), st.text('ab,;\n\r"\t 019.-+=%éNA', max_size=60).map(str.encode)))
def test_any_bytes_are_read_or_refused(tmp_path, data):
    path = tmp_path / "any.csv"
    path.write_bytes(data)
    try:
        df, types = read(path)
    except ReadError:
        assert "problem" in complaint(path)
        return
    assert len(df) and list(df) == list(types)


def test_reading_needs_no_optional_library(put):
    """A fresh Python in which none of them can be imported reads text."""
    import subprocess

    code = (
        "import sys\nfor name in ('openpyxl', 'pyreadstat', 'pyarrow', 'torch'): sys.modules[name] = None\n"
        f"from genlab.tables.reading.reading import read\nprint(read({str(put(SMALL))!r})[0].shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(4, 3)", done.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(dtype="nonsense"), "none that pandas knows"),
        (dict(dtype="complex128"), "cannot hold numbers"),
        (dict(dtype="datetime64[ns]"), "cannot hold numbers"),
        (dict(dtype="bool"), "cannot hold numbers"),
        (dict(dtype="int8", range=(0, 150)), "does not fit into dtype='int8'"),
        (dict(dtype="UInt8", range=(-1, 5)), "does not fit into dtype='UInt8'"),
    ],
)
def test_a_dtype_that_cannot_hold_a_column_is_refused(change, words):
    types = guess(pd.DataFrame({"age": [*range(20, 60)] * 3}))
    with pytest.raises(ValueError, match=re.escape(words)):
        types.set("age", **change)
    assert types.set("age", dtype="Int8", range=(0, 120)).set("age", dtype="float32")["age"].dtype == "float32"
