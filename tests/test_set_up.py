"""The set-up script: which torch it asks for and where, and one sentence for everything that can be missing."""

import importlib.util
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def set_up(tmp_path, monkeypatch):
    """The script as a module, for a project in a folder of its own, with pip recorded instead of run."""
    spec = importlib.util.spec_from_file_location("set_up", ROOT / "scripts" / "set_up.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    constraints = tmp_path / "set-up.txt"
    constraints.write_text("numpy==2.0\ntorch==9.8.7\n", "utf-8")
    for name, value in {"ROOT": tmp_path, "VENV": tmp_path / ".venv", "CONSTRAINTS": constraints}.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.delenv("TORCH_INDEX", raising=False)
    module.asked = []
    module.found = True  # whether the local look-up finds the CPU build

    def pip(*arguments, fail=True):
        module.asked.append(arguments)
        return fail or module.found

    monkeypatch.setattr(module, "pip", pip)
    return module


@pytest.mark.parametrize("found", [True, False])
def test_linux_gets_the_cpu_build_or_none(set_up, monkeypatch, found):
    monkeypatch.setattr(sys, "platform", "linux")
    set_up.found = found
    set_up.install_torch()
    assert set_up.asked[0][0] == "torch==9.8.7+cpu"
    if found:
        assert len(set_up.asked) == 1
    else:
        assert set_up.asked[1:] == [("torch==9.8.7+cpu", "--index-url", "https://download.pytorch.org/whl/cpu")]


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_get_the_plain_build(set_up, monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    set_up.install_torch()
    assert set_up.asked == [("torch==9.8.7",)]


def test_a_named_index_is_the_only_place(set_up, monkeypatch):
    monkeypatch.setenv("TORCH_INDEX", "https://example.org/cu126")
    set_up.install_torch()
    assert set_up.asked == [("torch==9.8.7", "--index-url", "https://example.org/cu126")]


def test_the_second_call_does_nothing_until_something_changes(set_up, monkeypatch):
    monkeypatch.setattr(set_up, "works", lambda python: True)
    assert set_up.main(["lab", "test"]) == 0
    assert set_up.asked[-1] == ("-c", str(set_up.CONSTRAINTS), "-e", f"{set_up.ROOT}[lab,test]")
    set_up.asked.clear()
    assert set_up.main(["lab", "test"]) == 0
    assert set_up.main(["lab"]) == 0
    assert set_up.asked == []
    (set_up.ROOT / "pyproject.toml").write_text("changed", "utf-8")
    assert set_up.main(["lab"]) == 0
    assert len(set_up.asked) == 2


def refusal(set_up, capsys):
    assert set_up.main(["lab"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1, "one sentence"
    return error


def test_an_old_python_is_told_what_to_do(set_up, monkeypatch, capsys):
    monkeypatch.setattr(set_up, "OLDEST", (3, 99))
    assert "needs Python 3.99 or newer" in refusal(set_up, capsys)


def test_a_full_disk_is_told_before_anything_is_written(set_up, monkeypatch, capsys):
    monkeypatch.setattr(set_up.shutil, "disk_usage", lambda path: types.SimpleNamespace(free=0.3e9))
    assert "0.3 GB are free" in refusal(set_up, capsys)
    assert not set_up.VENV.exists()


def test_a_missing_venv_module_is_told(set_up, monkeypatch, capsys):
    monkeypatch.setattr(set_up, "find_python", lambda: sys.executable)
    monkeypatch.setattr(set_up.importlib.util, "find_spec", lambda name: None)
    assert "apt-get install python3-venv" in refusal(set_up, capsys)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("Failed: NewConnectionError('...')", "cannot be reached: is there a network?"),
        ("OSError: [Errno 28] No space left on device", "disk became full"),
        ("ERROR: first\nERROR: No matching distribution found for torch", "No matching distribution found for torch"),
    ],
)
def test_what_pip_says_becomes_one_sentence(tmp_path, monkeypatch, set_up, output, words):
    spec = importlib.util.spec_from_file_location("fresh", ROOT / "scripts" / "set_up.py")
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    monkeypatch.setattr(fresh, "VENV", tmp_path)
    done = types.SimpleNamespace(returncode=1, stdout=output)
    monkeypatch.setattr(fresh.subprocess, "run", lambda *args, **kwargs: done)
    with pytest.raises(fresh.SetUpError, match=words.replace("?", r"\?")) as caught:
        fresh.pip("torch")
    assert "\n" not in str(caught.value)
    assert fresh.pip("torch", fail=False) is False


@pytest.mark.skipif(os.name == "nt", reason="make is not usual on Windows")
def test_make_without_python_is_one_sentence():
    done = subprocess.run(["make", "set-up-lab", "PYTHON="], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr


@pytest.mark.parametrize(("ci", "summary"), [("", "3 skipped"), ("true", "3 errors")])
def test_without_chromium_browser_tests_are_skipped_or_fail_in_ci(ci, summary):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "tests/browser/test_smoke.py"]
    env = os.environ | {"CHROMIUM": str(ROOT / "no-such-browser"), "CI": ci}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert "apt-get install chromium" in done.stdout
    assert summary in done.stdout.splitlines()[-1]
    assert done.returncode == (1 if ci else 0)
