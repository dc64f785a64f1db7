"""The page and the figure: what they say is what the report holds, whatever strangers named their columns."""

import html.parser
import re
import types
import warnings

import numpy as np
import pandas as pd
import pytest
from example_report import EVIL, SCORES, declared, example, survey

from genlab.tables.evaluation import bins
from genlab.tables.reporting import grades, markup, page, report
from genlab.tables.types import Column, Types

VOID = {"meta", "path", "circle", "line", "rect", "br"}


class Reader(html.parser.HTMLParser):
    """Elements in order, the text between them, and a complaint where one is not closed."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.open, self.words, self.wrong = [], [], [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs), "svg" in self.open))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs), "svg" in self.open))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).replace("\xa0", " ").split())


@pytest.fixture(params=["holdout", "leak", "none", "bare"])
def found(request):
    if request.param == "bare":
        return _bare()
    return example(holdout=request.param != "none", leak=request.param == "leak", warnings=[f"{EVIL}: 2 values"])


def _bare():
    """A report of almost nothing: one score, no columns, no pairs."""
    one = example(holdout=False)
    one.scores, one.columns, one.pairs = one.scores.iloc[:1], one.columns.iloc[:0], pd.DataFrame()
    one.answers, one.shapes, one.verdicts = one.answers.iloc[:0], {}, {}
    one.facts = {"n_train": 12, "n_fake": 12, "n_holdout": 0}
    return one


def test_the_page_is_whole_self_contained_and_has_no_scripts(found):
    source = page.page(found)
    read = Reader(source)
    assert read.wrong == [] and read.open == []
    names = [tag for tag, _, _ in read.tags]
    assert not {"script", "link", "iframe", "object", "img", "form"} & set(names)
    assert not re.search(r"(?:https?:)?//|url\(|@import", source)
    assert [attrs["content"] for tag, attrs, _ in read.tags if "http-equiv" in attrs] == [page.POLICY]
    assert next(attrs for tag, attrs, _ in read.tags if tag == "html")["lang"] == "en"
    assert names.count("title") == 1 and names.count("h1") == 1
    assert not any(key.startswith("on") or key == "srcdoc" for _, attrs, _ in read.tags for key in attrs)
    links = [attrs["href"] for tag, attrs, _ in read.tags if tag == "a"]
    assert links == ["#short", "#lawyer", "#detail"]
    assert {link[1:] for link in links} <= {attrs.get("id") for _, attrs, _ in read.tags}


def test_names_from_strangers_stay_text(found):
    source = page.page(found)
    assert "<script" not in source and "<b>yes</b>" not in source.replace("<bdi>", "")
    assert "\u202e" not in source
    if len(found.columns):
        assert "<script>alert('x')</script>\ufffd" in Reader(source).text


def test_every_drawing_has_a_sentence_or_stands_beside_its_numbers(found):
    for tag, attrs, inside in Reader(page.page(found)).tags:
        if tag == "svg" and not inside:
            assert attrs.get("aria-hidden") == "true" or (attrs["role"] == "img" and len(attrs["aria-label"]) > 20)


def test_every_table_has_headers_with_a_scope_and_a_caption(found):
    source = page.page(found)
    tables = re.findall(r"<table.*?</table>", source, re.DOTALL)
    assert len(tables) == source.count("<table")
    for table in tables:
        assert "<caption" in table
        assert '<th scope="col"' in table
        assert '<th scope="row"' in table
    assert "<th>" not in source


def test_it_never_says_what_no_score_can_show(found):
    text = Reader(page.page(found)).text.lower()
    for word in ("safe", "anonymous", "anonymi", "guarantee", "compliant", "gdpr"):
        assert word not in text
    assert "not differentially private" in text
    assert "synthetic" in text


def test_the_numbers_are_those_of_the_report():
    found = example()
    text = Reader(page.page(found)).text
    for name, (_, *values) in SCORES.items():
        assert name in text
        assert all(f"{value:.3f}" in text for value in values if value == value)
    for name, row in found.attacks.iterrows():
        assert f"{100 * row['rate']:.1f} %" in text and f"{100 * row['naive']:.1f} %" in text
        assert markup.plain(name) in text and row["sentence"] in text
    assert "2,000 synthetic rows" in text
    assert "Cannot catch: an exact copy" in text
    assert "3 more" in text and text.index(
        "% often | <script>alert('x')</script>\ufffd: 14 60.0 58.0 to 62.0"
    ) < text.index("3 more")
    assert found.verdicts["manager"] in text and found.verdicts["lawyer"] in text


def test_what_to_look_at_first_is_on_the_first_screen(found):
    first = page.page(found).split('id="lawyer"')[0]
    assert ("Look at this first" in first) == bool(found.warnings)
    for warning in found.warnings:
        assert markup.text(warning) in first
    assert not set("{}") & set(Reader(page.page(found)).text)


def test_without_rows_held_out_nothing_is_said_about_leaks():
    text = Reader(page.page(example(holdout=False))).text
    assert "Not measured: no rows were held out." in text
    assert "No leak found" not in text
    assert "any attack: none was run" in text


def test_a_leak_is_named_on_the_first_screen():
    word, sentence = grades.answer(example(leak=True), "leaks")
    assert word == "Leak found"
    assert "41.6" in sentence  # (0.708 - 0.5) / (1 - 0.5), of the membership attack
    assert grades.answer(example(), "leaks")[0] == "None found"
    assert "3,000 tries of 3 attacks" in grades.answer(example(), "leaks")[1]


def scores(**rows):
    fields = ["value", "floor", "ceiling", "ideal", "low", "high"]
    return pd.DataFrame({name: pd.Series(row, fields[: len(row)]) for name, row in rows.items()}, index=fields).T


@pytest.mark.parametrize(
    ("row", "word", "part"),
    [
        ((0.96, 0.90, 0.96, 1.0), "Yes", 1),
        ((0.99, 0.90, 0.96, 1.0), "Yes", 1),  # nearer than fresh rows: no better than they
        ((0.945, 0.90, 0.96, 1.0), "Mostly", 0.75),
        ((0.90, 0.90, 0.96, 1.0), "No", 0),
        ((0.60, 0.95, 0.50, 0.5), "Mostly", 0.777),
        ((0.07, 0.95, 0.50, 0.5), "No", 0.044),  # copied: as far from one half as if told apart
        ((0.95, 1.0, 1.0, 1.0), "In part", 0.5),  # shuffling does no harm to it: 0.1 is the whole way
        ((0.60, 1.0, 0.99, 1.0), "No", 0),
        ((0.95, 1.0, 1.0, 1.0, 0.90, 0.99), "Yes", 0.9),  # chance reaches nearly as far
        ((0.945, 0.90, 0.96, 1.0, 0.93, 0.96), "Mostly", 0.75),
        ((0.90, 0.80, np.nan, 1.0), "In part", 0.5),  # without rows held out, the ideal stands in
    ],
)
def test_grades(row, word, part):
    found = grades.grade(scores(fine=(1.0, 0.5, 1.0, 1.0), weak=row))
    assert found[0] == word
    assert found[2] == pytest.approx(part, abs=0.001)
    assert part == 1 or found[1] == "weak"
    assert grades.grade(scores(fine=(np.nan, 0, 1, 1)))[0] == "Not measured"


def test_a_bar_runs_from_worse_to_better():
    found = example().scores
    for name, worse, better in [
        ("pair trends", "floor", "ceiling"),
        ("discriminator AUC", "floor", "ceiling"),
        ("discriminator AUC", "ceiling", "copy"),
        ("distance share", "copy", "ceiling"),
        ("column shapes", "value", "ceiling"),
    ]:
        place, _, _ = markup.scale(found.loc[name])
        assert 0 <= place(found.loc[name, worse]) < place(found.loc[name, better]) <= 100
    tiny = found.loc["pair trends"].copy()
    tiny[["value", "low", "high", "floor", "ceiling", "copy"]] = [0.999, 0.999, 0.999, 1.0, 1.0, 1.0]
    place, _, _ = markup.scale(tiny)
    assert place(1.0) - place(0.999) < 3  # a thousandth does not look like a difference


def test_the_figure_shows_the_same_and_can_be_described():
    from genlab import plots

    found = example()
    found.pairs = found.pairs.rename(index=lambda name: f"${name}\N{PARTY POPPER}", columns=lambda name: f"${name}")
    drawn = report.figure(found)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn.canvas.draw()
    told = plots.describe(drawn)
    for name, (_, value, *_rest) in SCORES.items():
        assert f"{name}: {value:.3f}" in told
    assert report.figure(_bare()).axes


def test_the_page_is_written_whole(tmp_path):
    report.write(example(), tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text("utf-8").startswith("<!doctype html>")
    with pytest.raises(FileNotFoundError, match="no folder"):
        report.write(example(), tmp_path / "none" / "r.html")
    broken = types.SimpleNamespace(**vars(example()))
    broken.scores = broken.scores.drop(columns="value")
    with pytest.raises(KeyError):
        report.write(broken, tmp_path / "r.html")
    assert "Does it look like" in (tmp_path / "r.html").read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_wide_tables_stay_readable():
    wide = example()
    names = [f"q{i}" for i in range(300)]
    wide.pairs = pd.DataFrame(np.full((300, 300), 0.9), names, names)
    wide.columns = pd.DataFrame({"kind": "ordinal", "shape": np.linspace(0.5, 1, 300)}, index=names)
    frame = wide.shapes["age"]
    wide.shapes = dict.fromkeys(names, frame)
    source = page.page(wide)
    assert source.count('class="shape"') == page.MOST_COLUMNS
    assert len(source) < 600_000


def test_shapes_are_shares_of_all_rows():
    train, fake = survey(2000, 0), survey(500, 1)
    made = bins.distributions(train, fake, declared())
    assert list(made) == list(declared())
    for name, frame in made.items():
        assert 0 < len(frame) <= bins.MOST
        assert frame.sum().to_numpy() == pytest.approx([1, 1])
        missing = frame.loc[bins.MISSING, "real"] if bins.MISSING in frame.index else 0
        assert missing == pytest.approx(train[name].isna().mean())
    assert list(made["habit"].index) == ["never", "rarely", "sometimes", "often", "always", "don't know"]
    assert made["habit"].loc["often", "fake"] == pytest.approx((fake["habit"] == "often").mean())
    ranges = made["age"]
    assert ranges.loc["40 to 50", "real"] == pytest.approx(train["age"].between(40, 50, inclusive="left").mean())


def test_shapes_name_no_rare_value_and_no_extreme():
    train = pd.DataFrame({"pay": [*np.arange(1000.0), 987654.0], "town": ["Ham"] * 996 + ["Oddville"] * 5})
    kinds = Types([Column("pay", "number", missing=(-8,)), Column("town", "category", levels=("Ham", "Oddville"))])
    told = bins.distributions(train, train, kinds)
    assert "987" not in " ".join(map(str, told["pay"].index))
    assert list(told["town"].index) == ["Ham", bins.RARE]
    public = Types([Column("town", "category", levels=("Ham", "Oddville"), declared=True)])
    assert list(bins.distributions(train, train, public)["town"].index) == ["Ham", "Oddville"]


@pytest.mark.parametrize(
    ("values", "column"),
    [
        (["10:30", "22:15"] * 50, Column("x", "date", format="%H:%M")),
        (["01.02.2024", "03.02.2024"] * 50, Column("x", "date", format="%d.%m.%Y")),
        ([True, False] * 50, Column("x", "boolean", levels=(False, True), dtype="bool")),
        (pd.array([1, 2, None, -8] * 25, dtype="Int64"), Column("x", "number", missing=(-8,), dtype="Int64")),
        ([None] * 100, Column("x", "number")),
        ([7.0] * 100, Column("x", "number")),
        ([1e300, -1e300] * 50, Column("x", "number")),
        (pd.Categorical(["b", "a"] * 50, ["b", "a"], ordered=True), Column("x", "ordinal", levels=("b", "a"), declared=True)),
        (["a", "b"] * 50, Column("x", "category", levels=("a", "b"), labels={"a": "same", "b": "same"})),
    ],
)  # fmt: skip
def test_shapes_of_all_kinds_of_columns(values, column):
    frame = pd.DataFrame({"x": values})
    (made,) = bins.distributions(frame, frame, Types([column])).values()
    assert made.sum().to_numpy() == pytest.approx([1, 1])
    assert (made["real"] == made["fake"]).all()
    assert len(made) <= bins.MOST


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.9449, "0.945"), (12000, "12,000"), (7, "7"), (np.nan, "–"), (None, "–"), (1.0, "1.000"), (1234.5, "1,234")],
)
def test_numbers_for_people(value, shown):
    assert markup.number(value) == shown
