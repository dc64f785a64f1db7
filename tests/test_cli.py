"""The command: what `genlab lab` copies and keeps, and what `genlab doctor` finds."""

import importlib.metadata
import importlib.util
import json
import subprocess
import sys
import types

import pytest

from genlab import cli, doctor, files

FILES = {"00_first.ipynb": "{}", "07_collapse.ipynb": "{}", "stored/frames.json": "[]"}


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A small course, shipped in place of the real one."""
    folder = tmp_path / "shipped"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "00_first-checkpoint.ipynb").write_text("{}", "utf-8")
    monkeypatch.setattr(files, "shipped", lambda room: folder)
    return folder


@pytest.fixture
def lab(source, tmp_path, capsys):
    """Run `genlab lab` on the small course; exit status, output, and the files in the folder."""

    def call(*arguments, folder=tmp_path / "course"):
        status = cli.main(["lab", str(folder), "--no-open", *arguments])
        captured = capsys.readouterr()
        names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        return types.SimpleNamespace(
            status=status, out=captured.out, err=captured.err, names=names - {cli.RECORD}, folder=folder
        )

    return call


def test_lab_copies_the_whole_course_and_nothing_else(lab):
    first = lab()
    assert (first.status, first.names) == (0, set(FILES))
    assert "3 of 3 files written" in first.out
    assert "0 of 3 files written" in lab().out


@pytest.mark.parametrize("only", ["07", "7", " 07 , "])
def test_only_copies_the_notebooks_named_and_what_they_need(lab, only):
    assert lab("--only", only).names == {"07_collapse.ipynb", "stored/frames.json"}


@pytest.mark.parametrize("only", ["00,99", ",", "x"])
def test_only_with_an_unknown_number_lists_the_known_ones(source, tmp_path, capsys, only):
    assert cli.main(["lab", str(tmp_path / "course"), "--only", only]) == 1
    error = capsys.readouterr().err
    assert f"--only {only}" in error
    assert "there are 00, 07" in error
    assert not (tmp_path / "course").exists()


def test_a_changed_file_is_kept_and_said(lab, source):
    course = lab().folder
    (course / "00_first.ipynb").write_text("mine", "utf-8")
    assert "Kept as you changed them: 00_first.ipynb" in lab().out
    (source / "00_first.ipynb").write_text("newer", "utf-8")
    (source / "07_collapse.ipynb").write_text("newer", "utf-8")
    assert "Kept as you changed them: 00_first.ipynb" in lab().out  # standard input is no terminal here
    assert (course / "00_first.ipynb").read_text("utf-8") == "mine"
    assert (course / "07_collapse.ipynb").read_text("utf-8") == "newer"


def test_a_file_of_unknown_origin_is_kept(lab, tmp_path):
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "00_first.ipynb").write_text("mine", "utf-8")
    (tmp_path / "course" / cli.RECORD).write_text('{"files": ["damaged"]}', "utf-8")
    assert "Kept as you changed them: 00_first.ipynb" in lab().out
    assert (tmp_path / "course" / "00_first.ipynb").read_text("utf-8") == "mine"
    assert set(json.loads((tmp_path / "course" / cli.RECORD).read_text("utf-8"))["files"]) == set(FILES) - {
        "00_first.ipynb"
    }


@pytest.mark.parametrize(("answer", "left"), [("y", "newer"), ("", "mine"), ("n", "mine")])
def test_at_a_terminal_the_reader_is_asked(lab, source, monkeypatch, answer, left):
    course = lab().folder
    (course / "00_first.ipynb").write_text("mine", "utf-8")
    (source / "00_first.ipynb").write_text("newer", "utf-8")
    questions = []
    monkeypatch.setattr("sys.stdin", types.SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", lambda question: questions.append(question) or answer)
    lab()
    assert (course / "00_first.ipynb").read_text("utf-8") == left
    assert len(questions) == 1
    assert "00_first.ipynb was changed by you" in questions[0]


def test_without_a_newer_version_nobody_is_asked(lab, monkeypatch):
    (lab().folder / "00_first.ipynb").write_text("mine", "utf-8")
    monkeypatch.setattr("sys.stdin", types.SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("builtins.input", lambda question: pytest.fail(question))
    assert "Kept" in lab().out


def test_a_folder_that_is_a_file_is_one_sentence(source, tmp_path, capsys):
    (tmp_path / "course").write_text("", "utf-8")
    assert cli.main(["lab", str(tmp_path / "course")]) == 1
    assert capsys.readouterr().err == f"genlab: {tmp_path / 'course'} is a file: name a folder\n"


def test_without_jupyterlab_the_install_line_is_said(source, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert cli.main(["lab", str(tmp_path / "course")]) == 1
    assert "pip install jupyterlab" in capsys.readouterr().err
    assert (tmp_path / "course" / "00_first.ipynb").is_file()


def test_lab_opens_the_first_notebook(source, tmp_path, monkeypatch):
    calls = []

    def popen(command, cwd):
        calls.append((command, cwd))
        return types.SimpleNamespace(wait=lambda: 0)

    monkeypatch.setattr(subprocess, "Popen", popen)
    assert cli.main(["lab", str(tmp_path / "course"), "--only", "07", "--no-browser", "--port", "9000"]) == 0
    (command, cwd) = calls[0]
    assert command[:4] == [sys.executable, "-m", "jupyterlab", "07_collapse.ipynb"]
    assert {"--no-browser", "--port=9000"} <= set(command)
    assert cwd == tmp_path / "course"


def test_doctor_prints_a_line_a_finding_and_fails_only_on_problems(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", lambda: [("ok", "a"), ("warning", "b: do this")])
    assert cli.main(["doctor"]) == 0
    assert capsys.readouterr().out == "ok       a\nwarning  b: do this\n0 problem(s), 1 warning(s).\n"
    monkeypatch.setattr(doctor, "examine", lambda: [("problem", "c: do that")])
    assert cli.main(["doctor"]) == 1
    monkeypatch.setattr(doctor, "examine", lambda: [("ok", "a")])
    assert cli.main(["doctor"]) == 0
    assert capsys.readouterr().out.endswith("All is well.\n")


def findings(*checks):
    return {level: text for check in checks for level, text in check()}


def test_doctor_finds_libraries_out_of_bounds(monkeypatch):
    needs = ["torch>=2.5", "numpy>=1.26", "pandas>=2.2", 'jupyterlab>=4.2; extra == "lab"', 'ruff; extra == "test"']
    have = {"torch": "2.4.1", "numpy": "2.0.0", "pandas": "2.3"}
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: needs)
    monkeypatch.setattr(doctor, "_installed", have.get)
    found = findings(doctor._libraries)
    assert found["problem"] == 'torch 2.4.1 is here, >=2.5 is needed: pip install "torch>=2.5"'
    assert found["warning"] == 'jupyterlab is not installed, >=4.2 is needed: pip install "jupyterlab>=4.2"'
    assert found["ok"] == "libraries: numpy 2.0.0, pandas 2.3"


@pytest.mark.parametrize(("free", "level"), [(3e9, "ok"), (1e9, "warning"), (1e8, "problem")])
def test_doctor_weighs_memory(free, level):
    assert doctor._enough("memory", free, doctor.MEMORY, "close something")[0] == level


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        ({"ipykernel": "7.0.0", "ipywidgets": "8.1"}, "ipykernel 7.0.0"),
        ({"ipykernel": "7.4.0", "ipywidgets": "8.1", "jupyterlab": "4.6"}, "pip install jupyterlab_widgets"),
    ],
)
def test_doctor_finds_a_broken_widget_transport(monkeypatch, versions, words):
    monkeypatch.setattr(doctor, "_installed", versions.get)
    assert words in findings(doctor._widgets)["problem"]


def test_doctor_finds_missing_and_damaged_files(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "shipped", lambda room: tmp_path)
    assert "is missing" in findings(doctor._files)["problem"]
    for name in files.FILES:
        (tmp_path / name).write_bytes(b"damaged")
    assert "is damaged" in findings(doctor._files)["problem"]
    monkeypatch.setattr(files, "FILES", {})
    assert "no notebooks" in findings(doctor._files)["problem"]


def test_doctor_says_which_python_the_notebooks_use(monkeypatch):
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    spec = types.SimpleNamespace(argv=[sys.executable])
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: spec)
    assert set(findings(doctor._jupyter)) == {"ok"}
    spec.argv = ["/some/other/python"]
    assert "/some/other/python" in findings(doctor._jupyter)["warning"]

    def missing(self, name):
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", missing)
    assert "no kernel named python3" in findings(doctor._jupyter)["problem"]


def test_doctor_on_this_machine_finds_this_python_and_torch():
    found = list(doctor._python()) + list(doctor._torch())
    assert [level for level, _ in found] == ["ok", "ok"]
    assert sys.executable in found[0][1]
    assert "thread(s)" in found[1][1]


def test_the_command_starts_without_heavy_imports():
    code = "import sys; from genlab import cli; cli.main([]); print(sorted({'torch', 'numpy', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")
    assert "genlab" in done.stdout


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"{cli._version()}\n"
