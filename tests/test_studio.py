"""The studio and the hiding form without a browser: what is read, refused, foretold, made, cancelled and taken away."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import ipywidgets
import numpy as np
import pandas as pd
import pytest

from genlab import tables
from genlab.studio import plan as plans
from genlab.studio import steps
from genlab.studio.comparing import compared
from genlab.studio.notice import told
from genlab.studio.plan import OPTIONS, Line, foretold, options, spelled
from genlab.studio.worker import Cancelled, Worker
from genlab.tables.synthesis.synthesizer import METHODS, Synthesizer

EVIL = "<img src=x onerror=alert(1)>"


def people(n=90, seed=0):
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, n)
    return pd.DataFrame(
        {"age": age, "often": rng.choice(["never", "often", "rarely"], n), EVIL: np.where(age > 40, "=1+1", "b")}
    )


def write(path, df):
    df.to_csv(path, index=False)
    return path


def opened(path):
    form = tables.studio()
    form.file.path.value = str(path)
    form.file.by_path()
    return form


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A studio that has run from a file, with an order declared and a protection set."""
    form = opened(write(tmp_path_factory.mktemp("studio") / "people.csv", people()))
    line = form.columns.lines["often"]
    line["kind"].value, line["levels"].value = "ordinal", "never | rarely | often"
    form.columns.lines["age"]["known"].value = True
    form.models.choices[0].knobs["min_leaf"].value = "10"
    form.models.seed.value, form.models.rows.value = 7, 60
    form.models.choices[2].use.value = True
    form.go.click()
    return form


# -- from a file to files ---------------------------------------------------------------------------------------------


def test_it_says_how_long_then_makes_and_compares(done):
    assert (
        done.notice.error == ""
        and "2 of 2 models. It took" in done.notice.status
        and "were foretold" in done.notice.status
    )
    assert [one.line.name for one in done.made] == ["trees, min_leaf=10", "independent"]
    assert [len(one.fake) for one in done.made] == [60, 60] and done.made[0].model.min_leaf_ == 10
    assert [bar["words"][:7] for bar in done.notice.bars] == ["done in", "done in"]
    assert done.results.rows[1]["name"] == "independent" and len(done.results.rows[0]["cells"]) == len(
        done.results.head
    )
    assert not done.go.disabled and done.stop.disabled
    assert done.made[0].model.types_["often"].levels == ("never", "rarely", "often")
    assert done.made[0].report.facts["keys"] == ["age"]


def test_the_script_makes_the_same_table_bit_for_bit(done, tmp_path):
    for number in (0, 1):
        table, *_ = done.save(tmp_path, number)
        first = Path(table).read_bytes()
        Path(table).unlink()
        (tmp_path / "report.html").unlink()
        subprocess.run([sys.executable, "synthetic.py"], cwd=tmp_path, check=True)
        assert Path(table).read_bytes() == first and (tmp_path / "report.html").stat().st_size > 10_000
        assert b"'=1+1" in first


def test_files_are_handed_over_as_bytes_and_reports_shown_in_a_frame(done, monkeypatch):
    sent = []
    monkeypatch.setattr(done.results, "send", lambda content, buffers: sent.append((content, buffers)))
    for key in plans.FILES:
        done.results._handle_custom_msg({"get": [0, key]}, [])
    assert [content["name"] for content, _ in sent] == list(plans.FILES.values())
    assert sent[0][1][0].startswith(b'"age"') and EVIL.encode() not in sent[1][1][0]
    done.results._handle_custom_msg({"show": 1}, [])
    assert done.results.frame["title"] == "Report: independent" and "<!doctype html>" in done.results.frame["page"]
    for odd in ({"get": [9, "table"]}, {"get": [0, "passwd"]}, {"get": "x"}, {"show": -1}, {}):
        done.results._handle_custom_msg(odd, [])
    assert len(sent) == len(plans.FILES)
    monkeypatch.setattr("genlab.studio.studio.LARGEST", 10)
    done.results._handle_custom_msg({"get": [0, "table"]}, [])
    assert "studio.save('folder')" in done.results.error and len(sent) == len(plans.FILES)


def test_a_frame_with_declared_types_is_repeated_by_its_script(tmp_path):
    df = people()
    types = tables.guess(df).set("often", kind="ordinal", levels=["never", "rarely", "often"])
    form = tables.studio(df, types=types)
    plan = form.planned()
    space = {"df": df}
    script = plan.script(Line("trees", {})).split("report =")[0]
    exec(script, space)  # our own lines
    expected = Line("trees", {}).synthesizer(0).fit(tables.split(df, random_state=0)[0], types=types).sample(90)
    pd.testing.assert_frame_equal(space["fake"], expected)
    assert "Another file may take its place" in form.file.notice.status


# -- what is wrong is said, and the form goes on ------------------------------------------------------------------------


def upload(form, name, data):
    value = dict(name=name, type="", size=len(data), content=memoryview(data), last_modified=None)
    form.file.upload = type("Sent", (), {"value": (value,)})()
    form.file._sent()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.csv", b"", "empty"),
        ("broken.xlsx", b"PK\x03\x04 cut short", "broken or cut short"),
        ("page.csv", b"<!DOCTYPE html><p>", "web page"),
        ("bytes.csv", bytes(range(256)) * 9, "bytes.csv"),
        ("header.csv", b"a,b\n", "header.csv"),
        (f"{EVIL.replace('/', '')}.exe", b"a,b\n1\n2,3,4\n", "line"),
    ],
)
def test_a_bad_file_is_one_message_and_the_form_goes_on(name, data, words, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    form = tables.studio()
    upload(form, name, data)
    assert words in form.file.notice.error and str(tmp_path) not in form.file.notice.error
    assert form.file.notice.status == "" and os.listdir(tmp_path) == [] and len(form.box.children) == 1
    upload(form, "good.csv", b"a,b\n" + b"1,x\n2,y\n" * 40)
    assert form.file.notice.error == "" and "80 rows, 2 columns" in form.file.notice.status
    assert os.listdir(tmp_path) == [] and len(form.box.children) == 5


def test_too_large_is_said_before_anything_is_written(monkeypatch):
    monkeypatch.setattr(steps, "UPLOAD", 5)
    form = tables.studio()
    upload(form, "big.csv", b"a,b\n1,2\n")
    assert "give its path" in form.file.notice.error


def test_two_rows_one_column_and_bad_knobs(tmp_path):
    form = opened(write(tmp_path / "two.csv", people(2)))
    form.go.click()
    assert "2 rows with 50% held out: at least 20" in form.notice.error and not form.go.disabled
    form = opened(write(tmp_path / "one.csv", people(60)[["often"]]))
    form.models.choices[0].knobs["min_leaf"].value = "many"
    form.models.choices[0].use.value = False
    form.go.click()
    assert "min_leaf='many'" in form.notice.error
    form.models.choices[0].knobs["min_leaf"].value = "0"
    form.models.choices[0].use.value = True
    form.models.add("trees", use=True, min_leaf="0")
    form.go.click()
    assert "is chosen twice" in form.notice.error and "min_leaf=0" in form.notice.error
    form.columns.lines["often"]["kind"].value = "number"
    form.columns.lines["often"]["missing"].value = "never"
    form.go.click()
    assert "are no numbers" in form.notice.error


def test_names_reach_no_markup():
    form = tables.studio(people())
    marked = _htmls(form.box)
    assert marked and not any("<img" in widget.value for widget in marked)


def _htmls(widget):
    found = [widget] if isinstance(widget, ipywidgets.HTML) else []
    for child in getattr(widget, "children", ()):
        found += _htmls(child)
    return found


# -- time, and the work beside the loop ----------------------------------------------------------------------------------


def test_the_time_is_a_line_through_two_small_runs():
    assert plans._line([100, 200], [1.0, 2.0], 1000) == pytest.approx(10)
    assert plans._line([100, 200], [2.0, 1.0], 1000) == 1.0 and plans._line([50], [3.0], 50) == 3.0
    said, total = foretold({"trees": 3.0, "vae": 60.0, "each report": 10.0}, [Line("trees", {}), Line("vae", {})])
    assert total == 83 and said.startswith("This will take about 83 s: trees 3 s, vae 60 s, and 10 s for each report.")
    assert "40 epochs" in said and [spelled(s) for s in (0.1, 100, 6000)] == ["1 s", "2 min", "1.7 h"]


def test_only_asking_makes_nothing():
    form = tables.studio(people())
    form.ask.click()
    assert form.notice.status.startswith("This will take about") and form.made == [] and not form.go.disabled


def test_cancel_keeps_what_is_finished():
    form = tables.studio(people())
    form.models.choices[2].use.value = True
    compare = form._compare
    form._compare = lambda: (compare(), form.stop.click(), form.worker.cancel())
    form.go.click()
    assert form.notice.status == "Cancelled. What is finished is kept: 1 of 2 models." and len(form.made) == 1
    assert len(form.results.rows) == 1 and not form.go.disabled


def test_the_work_leaves_the_loop_free_and_tells_on_its_thread():
    here, seen, ends = threading.get_ident(), [], []

    async def main():
        over = asyncio.Event()
        worker = Worker(
            lambda n: seen.append((n, threading.get_ident())), lambda error: (ends.append(error), over.set())
        )
        gate = threading.Event()

        def work(tell):
            assert threading.get_ident() != here
            tell(1)
            gate.wait(10)
            tell(2)

        worker.start(work)
        await asyncio.sleep(0.05)  # a loop that was held would not come back before the gate
        assert seen == [(1, here)] and worker.busy
        with pytest.raises(RuntimeError, match="not over"):
            worker.start(work)
        worker.cancel()
        gate.set()
        await over.wait()
        assert not worker.busy

    asyncio.run(main())
    assert seen == [(1, here)] and isinstance(ends[0], Cancelled)


def test_protections_are_those_that_the_synthesizer_has():
    there = set(Synthesizer().get_params())
    for method in METHODS:
        assert set(options(method)) <= there & set(OPTIONS)
    assert options("trees")[:2] == ["min_leaf", "rare"] and "min_leaf" not in options("vae")
    assert told(KeyError("x")) == "KeyError: 'x'" and told(ValueError("said")) == "said"


def test_a_formal_promise_is_asked_for_kept_and_reported(tmp_path):
    df = people(900)
    types = tables.guess(df).set("often", levels=["never", "often", "rarely"]).set(EVIL, levels=["=1+1", "b"])
    types.set("age", step=1, missing=[])
    form = tables.studio(df, types=types)
    own = next(choice for choice in form.models.choices if choice.method == "marginals")
    for choice in form.models.choices:
        choice.use.value = choice is own
    form.go.click()
    assert "epsilon is a required number" in form.notice.error and "delta is a required number" in form.notice.error
    own.knobs["epsilon"].value, own.knobs["delta"].value = "8", "1e-5"
    form.go.click()
    (made,) = form.made
    assert form.notice.error == "" and made.model.random_state is None  # nobody can make the noise again
    told = "Spent on these rows: epsilon 8 at delta 1e-05"
    files = {key: form.plan.file(made, key).decode() for key in ("report", "card", "script")}
    assert told in files["report"] and told in files["card"]
    assert "epsilon=8.0, delta=1e-05).fit" in files["script"] and "privacy=model.privacy_spent()" in files["script"]
    (tmp_path / "x.py").write_text("import pandas as pd\ndf = pd.read_pickle('df')\n" + files["script"], "utf-8")
    df.to_pickle(tmp_path / "df")
    subprocess.run([sys.executable, "x.py"], cwd=tmp_path, check=True)
    again = pd.read_csv(tmp_path / "synthetic.csv")
    assert len(again) == len(made.fake) and not again["age"].equals(made.fake["age"].reset_index(drop=True))
    form = tables.studio(df)  # levels that were read off the rows
    own = next(choice for choice in form.models.choices if choice.method == "marginals")
    own.use.value, own.knobs["epsilon"].value, own.knobs["delta"].value = True, "8", "1e-5"
    form.go.click()
    assert "marginals" in form.notice.error and "its levels were read off the rows" in form.notice.error


def test_results_of_different_scores_stand_side_by_side(done):
    head, cells = compared(done.made)
    assert [column["name"] for column in head][-2:] == ["worst attack", "leaks found"]
    assert all(cell.get("at") is None or np.isfinite(cell["at"]) for row in cells for cell in row)


# -- hide and hunt -------------------------------------------------------------------------------------------------------


def test_find_me_asks_hunts_and_forgets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    form = tables.find_me(people(200), person={"age": 99}, known=["age"], seeds=1, copies=3)
    assert list(form.fields) == ["age", "often", EVIL] and form.fields["age"].widget.value == "99"
    form.fields["age"].widget.value = "old"
    form.go.click()
    assert "'old' is no number" in form.notice.error and form.found is None
    form.fields["age"].widget.value = "12,000"
    form.go.click()
    assert "can be read in two ways" in form.notice.error
    form.fields["age"].widget.value = "99"
    form.fields["often"].widget.value = "rarely"
    form.go.click()
    assert form.notice.error == "" and form.found.person == {"age": 99, "often": "rarely", EVIL: None}
    assert "<img" not in form.page.value and "took part" in form.page.value and "Done: 3 files" in form.notice.status
    assert os.listdir(tmp_path) == []
    form.forget.click()
    assert form.found is None and form.page.value == ""
    assert all(field.value is None for field in form.fields.values())


def test_find_me_refuses_what_is_no_column():
    with pytest.raises(ValueError, match="no column 'shoe'"):
        tables.find_me(people(), known=["shoe"])


def test_fields_know_dates_codes_and_whole_numbers():
    from genlab.studio.fields import Field
    from genlab.tables.types import Column

    day = Field(Column("day", "date", dtype="datetime64[ns]"), pd.Series(pd.to_datetime(["2024-01-01"])), "2024-05-06")
    assert day.value == pd.Timestamp("2024-05-06")
    written = Field(Column("day", "date", format="%d.%m.%Y"), pd.Series(["01.01.2024"]), "2024-05-06")
    assert written.value == "06.05.2024"
    whole = Field(Column("n", "number", dtype="int64"), pd.Series([1, 2]), 2)
    assert whole.value == 2 and isinstance(whole.value, int)
    coded = Field(Column("n", "number", missing=("don't know",)), pd.Series([1, 2]), "don't know")
    assert coded.value == "don't know"
    coded.clear()
    assert coded.value is None


def test_a_kind_changed_in_the_form_makes_no_rare_answer_public(tmp_path):
    df = people(400).assign(town=["Rareville", *["A", "B", "C"] * 133])
    form = opened(write(tmp_path / "x.csv", df))
    form.columns.lines["often"]["kind"].value = "ordinal"
    with pytest.raises(ValueError, match="'often': type its levels into the field, lowest first"):
        form.columns.edited(form.df)
    form.columns.lines["often"]["kind"].value = "category"
    form.columns.lines["age"]["kind"].value = "category"
    types, _ = form.columns.edited(form.df)
    assert not types["age"].declared
    once = form.df["age"].value_counts().loc[lambda n: n < 5].index
    fake = Synthesizer(random_state=0).fit(form.df, types=types).sample(5000)
    assert len(once) and not fake["age"].astype(float).isin(once).any()


def test_forget_me_also_forgets_what_is_found_in_the_last_moment():
    form = tables.find_me(people(200), person={"age": 99}, known=["age"], seeds=1, copies=3)
    form._told = lambda done, of: form.clear() if done == of else None  # pressed when nothing is left to tell
    form.worker.told = form._told
    form.fields["often"].widget.value = "rarely"
    form.go.click()
    assert form.found is None and form._result is None and form.page.value == ""


def test_another_table_gets_no_results_of_the_one_before(tmp_path):
    form, other = opened(write(tmp_path / "x.csv", people())), people(120)[["age"]]
    told = form.worker.told

    def meanwhile(table, what, *rest):
        told(table, what, *rest)
        if what == "foretold":
            form.take(None, other, tables.guess(other))

    form.worker.told = meanwhile
    form.go.click()
    assert form.made == [] and len(form.df) == 120 and form.results.rows == []
