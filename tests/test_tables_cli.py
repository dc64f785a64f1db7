"""`genlab synth` and `genlab report`: from a file to a marked synthetic file and a page, and what they say on the way."""

import io
import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from genlab import cli
from genlab.tables import commands
from genlab.tables.reading.guessing import guess
from genlab.tables.types import Types


def survey(rows, seed=0):
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 90, rows)
    often = np.array(["never", "sometimes", "often"], dtype=object)[
        np.clip(age // 30 + rng.integers(-1, 2, rows), 0, 2)
    ]
    return pd.DataFrame(
        {
            "age": age,
            "often": often,
            "city": rng.choice(["Ham", "Eggs"], rows),
            "score": rng.normal(0, 1, rows).round(1),
        }
    )


@pytest.fixture
def at(tmp_path, monkeypatch):
    """A folder of its own with a survey of 300 rows."""
    monkeypatch.chdir(tmp_path)
    survey(300).to_csv("survey.csv", index=False)
    return tmp_path


@pytest.fixture
def call(at, capsys):
    """Run a command; its exit status, output and errors."""

    def run(*arguments):
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as stopped:  # argparse
            status = stopped.code
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return status, told.out, told.err

    return run


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A survey of 300 rows taken all the way, once; the folder, status, output and errors."""
    folder = tmp_path_factory.mktemp("small")
    survey(300).to_csv(folder / "survey.csv", index=False)
    code = (
        "import sys; from genlab.cli import main; status = main(sys.argv[1:]); "
        "print('heavy:', sorted({'torch', 'matplotlib', 'ipywidgets'} & set(sys.modules))); sys.exit(status)"
    )
    asked = "synth survey.csv --out fake.csv --report report.html --target often --keys age,city".split()
    done = subprocess.run(
        [sys.executable, "-c", code, *asked], cwd=folder, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode in (0, commands.LEAK), done.stderr
    return folder, done.returncode, done.stdout, done.stderr


def test_a_small_survey_is_measured_by_folds_and_made_from_all(small):
    folder, status, out, err = small
    card = json.loads((folder / "fake.csv.card.json").read_text("utf-8"))
    page = (folder / "report.html").read_text("utf-8")
    fake = pd.read_csv(folder / "fake.csv")
    assert len(fake) == 300
    assert list(fake.columns) == ["age", "often", "city", "score"]
    assert card["learned_from_rows"] == 300
    assert (card["measured"]["n_train"], card["measured"]["n_holdout"]) == (240, 60)
    which = (
        "5 models, each fitted to 80 % of the 300 real rows and measured with the others. The file comes from a model"
    )
    assert which in card["measured_on"] and which in page
    assert set(card["scores"]) >= {"pair trends", "distance share", "same answers"}
    assert card["attacks"] and card["sentences"]["lawyer"]
    assert (status == commands.LEAK) == any(attack["leak"] for attack in card["attacks"].values())
    assert sorted(path.name for path in folder.iterdir()) == [
        "fake.csv",
        "fake.csv.card.json",
        "report.html",
        "survey.csv",
    ]


def test_it_tells_the_types_each_stage_and_three_answers(small):
    _, _, out, err = small
    for stage in ("reading survey.csv: 300 rows, 4 columns", "fitting trees to 300 rows: column 4 of 4", "sampling 300 rows",
                  "writing fake.csv", "measuring the method: fold 5 of 5"):  # fmt: skip
        assert re.search(rf"^{stage} \(\d+\.\d s\)$", err, re.MULTILINE), err
    assert re.search(r"often +category", out)
    assert re.search(
        r"^Looks like the real table: (Yes|Mostly|In part|No|Cannot be judged)\. (Weakest score|With so few rows)",
        out,
        re.MULTILINE,
    )
    assert re.search(r"^Leaks: (None found|Leak found)\. ", out, re.MULTILINE)
    assert "<bdi>" not in out


def test_it_needs_no_torch(small):
    assert "heavy: []" in small[2]


def test_a_large_survey_is_made_from_the_rows_that_were_measured(call, at):
    survey(1200).to_csv("survey.csv", index=False)
    status, out, err = call(
        "synth", "survey.csv", "--out", "fake.csv", "--report", "r.html", "--rows", 100, "--holdout", 0.25
    )
    assert status in (0, commands.LEAK)
    card = json.loads((at / "fake.csv.card.json").read_text("utf-8"))
    assert (card["rows"], card["learned_from_rows"]) == (100, 900)
    assert (
        card["measured"]["n_train"] == 900
        and card["measured"]["n_holdout"] == 300
        and card["measured"]["n_fake"] == 100
    )
    assert "one model, fitted to 900 of the 1,200 real rows; the other 300 were held out" in card["measured_on"]


def test_the_same_seed_gives_the_same_file_and_another_another(call, at):
    for name, seed in (("a.csv", 1), ("b.csv", 1), ("c.csv", 2)):
        status, out, _ = call("synth", "survey.csv", "--out", name, "--seed", seed)
        assert status == 0
        assert "nothing is known about leaks" in out
    assert (at / "a.csv").read_bytes() == (at / "b.csv").read_bytes() != (at / "c.csv").read_bytes()


def test_a_report_of_two_files(call, at):
    survey(300, seed=1).to_csv("fake.csv", index=False)
    status, out, err = call("report", "survey.csv", "fake.csv")
    assert status == 0
    assert "Leaks: Not measured. No rows were held out" in out
    assert "attacks" not in err
    page = (at / "report.html").read_text("utf-8")
    assert "Synthetic table: fake.csv" in page
    assert "No leak found" not in page


def test_gaps_between_groups_are_told_on_request(call, at):
    for name, seed in (("held.csv", 1), ("fake.csv", 2)):
        survey(300, seed).to_csv(at / name, index=False)
    asked = ("report", "survey.csv", "fake.csv", "--holdout", "held.csv", "--target", "score")
    status, out, err = call(*asked, "--sensitive", "city")
    assert status in (0, commands.LEAK), err
    assert "Gaps in 'score'" in out and "between groups of 'city'" in out
    assert "Gaps between groups" in (at / "report.html").read_text("utf-8")
    status, _, err = call(*asked[:3], "--sensitive", "town", "--force")
    assert status == 1 and "--sensitive town: no such column" in err
    status, _, err = call(*asked[:3], "--sensitive", "city", "--force")
    assert status == 1 and "need a target and rows held out" in err


def test_free_text_is_left_out_and_not_missed(call, at):
    words = np.random.default_rng(0).choice("the a good bad day work home car train late".split(), (300, 9))
    survey(300).assign(note=[" ".join(row) for row in words]).to_csv("survey.csv", index=False)
    status, _, err = call("synth", "survey.csv", "--out", "fake.csv")
    assert status == 0
    assert "left out as free text: note" in err
    assert "note" not in pd.read_csv("fake.csv")
    assert call("report", "survey.csv", "fake.csv")[0] == 0


def test_a_copy_is_called_a_leak_and_the_exit_status_says_so(call, at):
    survey(300).to_csv("copy.csv", index=False)
    survey(300, seed=2).to_csv("more.csv", index=False)
    status, out, _ = call("report", "survey.csv", "copy.csv", "--holdout", "more.csv", "--out", "r.html")
    assert status == commands.LEAK == 3
    assert "Leaks: Leak found." in out
    assert "Leak found" in (at / "r.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("synth none.csv --out fake.csv", "none.csv"),
        ("synth survey.csv --out none/fake.csv", "no folder none"),
        ("synth survey.csv --out fake.xlsx", "fake.xlsx: a synthetic table is written as .csv or .tsv"),
        ("synth survey.csv --out survey.csv --force", "survey.csv would replace a file that is read"),
        ("synth survey.csv --out a.csv --report a.csv", "two of the files to write have the same name"),
        ("synth survey.csv --out fake.csv --target nope --keys age,neither", "--target nope: no such column"),
        (
            "synth survey.csv --out fake.csv --target nope --keys age,neither",
            "--keys neither: no such column; there are age",
        ),
        ("synth survey.csv --out fake.csv --types survey.csv", "survey.csv"),
        ("report survey.csv none.csv", "none.csv"),
        ("report survey.csv survey.csv --out survey.csv --force", "would replace a file that is read"),
        ("report survey.csv fake.csv --holdout more.csv --out more.csv --force", "would replace a file that is read"),
    ],
)
def test_what_hinders_is_said_in_a_line_and_nothing_is_written(call, at, arguments, told):
    before = {path.name: path.read_bytes() for path in at.iterdir()}
    status, _, err = call(*arguments.split())
    assert status == 1
    assert told in err
    assert "genlab: " in err
    assert {path.name: path.read_bytes() for path in at.iterdir()} == before


@pytest.mark.parametrize(
    "arguments",
    ["synth survey.csv", "synth survey.csv --out f.csv --rows 0", "synth survey.csv --out f.csv --rows 1.5", "report survey.csv",
     "synth survey.csv --out f.csv --holdout 1", "synth survey.csv --out f.csv --holdout x",
     "synth survey.csv --out f.csv --seed -1"],
)  # fmt: skip
def test_wrong_usage_is_status_2(call, arguments):
    assert call(*arguments.split())[0] == 2


@pytest.mark.parametrize("name", ["fake.csv", "fake.csv.card.json", "report.html"])
def test_nothing_that_is_there_is_replaced_unless_asked(call, at, name):
    (at / name).write_text("mine", "utf-8")
    arguments = ["synth", "survey.csv", "--out", "fake.csv", "--report", "report.html"]
    status, _, err = call(*arguments)
    assert status == 1
    assert f"{name} is there already: give another name, or --force" in err
    assert (at / name).read_text("utf-8") == "mine"
    if name != "report.html":
        assert call(*arguments[:4], "--force")[0] == 0
        assert (at / name).read_text("utf-8") != "mine"


def test_types_from_a_file_are_gone_by(call, at):
    from genlab.tables.reading.reading import read

    _, types = read("survey.csv")
    types.set("often", kind="ordinal", levels=["never", "sometimes", "often"])
    (at / "types.json").write_text(types.to_json(), "utf-8")
    status, out, _ = call("synth", "survey.csv", "--out", "fake.csv", "--types", "types.json")
    assert status == 0
    assert re.search(r"often +ordinal +yes +never < sometimes < often", out)
    assert Types.from_json(types.to_json()) == types


def test_strange_cells_are_told_and_defused(call, at):
    frame = survey(300).assign(city=["=cmd()", "Anna Schmidt"] * 150)
    frame.rename(columns={"score": "score\u202e"}).to_csv("survey.csv", index=False)
    status, out, err = call("synth", "survey.csv", "--out", "fake.csv")
    assert status == 0
    assert "look at column city: begins like a formula" in err
    assert "look at column city: looks like names of persons" in err
    assert "\u202e" not in out + err
    status, out, err = call("synth", "survey.csv", "--out", "other.csv", "--escape-formulas")
    assert set(pd.read_csv("other.csv")["city"]) <= {"'=cmd()", "Anna Schmidt"}
    assert "formula" not in err


def test_a_terminal_without_unicode_and_one_that_shows_progress():
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    commands.put("caf\u00e9 \N{PARTY POPPER}\n", narrow)
    assert narrow.buffer.getvalue() == b"caf? ?\n"
    live = io.StringIO()
    live.isatty = lambda: True
    stages = commands.Stages(live)
    stages.begin("fitting:")
    stages.tick(1, 2)
    stages.tick(2, 2)
    stages.say("done \x1b[31m")
    told = live.getvalue().split("\r\x1b[K")[1:]
    assert told[:3] == ["fitting: ...", "fitting: 1 of 2 ...", "fitting: 2 of 2 ..."]
    assert re.fullmatch(r"fitting: 2 of 2 \(\d\.\d s\)\ndone \ufffd\[31m\n", told[3])


def test_stopping_by_hand_is_no_traceback(call, monkeypatch):
    def stop(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "synth", stop)
    status, _, err = call("synth", "survey.csv", "--out", "fake.csv")
    assert status == 130
    assert "stopped" in err


def test_it_knows_the_methods_of_a_synthesizer(call):
    from genlab.tables.synthesis.synthesizer import METHODS

    status, _, err = call("synth", "survey.csv", "--out", "f.csv", "--method", "magic")
    assert status == 2
    assert set(re.findall(r"'(\w+)'", err.partition("choose from")[2])) in (set(METHODS), set())  # quoted up to 3.11
    assert all(method in err.partition("choose from")[2] for method in METHODS)


@pytest.mark.parametrize(("method", "unit"), [("independent", "column 4 of 4"), ("vae", "epoch")])
def test_another_method(call, at, method, unit):
    survey(120).to_csv("survey.csv", index=False)
    more = ["--prior", "aggregate"] if method == "vae" else []
    status, _, err = call("synth", "survey.csv", "--out", "f.csv", "--method", method, *more)
    assert status == 0
    assert re.search(rf"fitting {method} to 120 rows: {unit}", err)
    card = json.loads((at / "f.csv.card.json").read_text("utf-8"))
    assert card["method"] == method
    assert not any("min_leaf" in sentence for sentence in card["protected"])  # neither has leaves


def test_a_formal_promise_from_the_command_line(call, at):
    df = survey(900)
    df.to_csv("survey.csv", index=False)
    types = guess(df).set("age", step=1, missing=[], range=(18, 89)).set("score", step=0.1, missing=[], range=(-5, 5))
    for name in ("often", "city"):
        types.set(name, levels=tuple(sorted(df[name].unique())))
    (at / "types.json").write_text(types.to_json(), "utf-8")
    asked = ["synth", "survey.csv", "--out", "f.csv", "--method", "marginals", "--epsilon", 5, "--delta", 1e-6]
    status, out, err = call(*asked, "--types", "types.json", "--report", "r.html", "--target", "often")
    assert status in (0, commands.LEAK), err
    card = json.loads((at / "f.csv.card.json").read_text("utf-8"))
    assert card["differentially_private"] and card["privacy"]["epsilon"] <= 5
    assert card["learned_from_rows"] == 450  # no folds: each would spend the budget again
    assert card["parameters"]["random_state"] == "not told"
    assert "privacy spent" in (at / "r.html").read_text("utf-8")
    assert call(*asked, "--types", "types.json", "--force")[0] == 0
    assert json.loads((at / "f.csv.card.json").read_text("utf-8")) != card
    status, _, err = call(*asked, "--force")
    assert status == 1 and "--types FILE" in err and "reading" not in err


def test_knobs_of_another_method_are_named_before_the_file_is_read(call):
    status, _, err = call("synth", "nowhere.csv", "--out", "f.csv", "--epsilon", 3, "--prior", "aggregate")
    assert status == 1
    assert "2 problem(s)" in err and "no privacy budget" in err and "only a VAE has" in err


def test_a_network_that_is_interrupted_writes_nothing(call, at, monkeypatch):
    from genlab.tables.synthesis.synthesizer import Synthesizer

    monkeypatch.setattr(Synthesizer, "stopped_", "interrupted after 40 steps")
    status, _, err = call("synth", "survey.csv", "--out", "f.csv", "--method", "vae")
    assert status == 1 and "interrupted after 40 steps" in err and not (at / "f.csv").exists()
