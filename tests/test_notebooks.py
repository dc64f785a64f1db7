"""Every notebook runs from top to bottom, alone in an empty folder, offline, with real widgets and strict verdicts.

nbval runs them, because it alone sees errors that a widget's Output or `interactive_output` swallows.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
CELL = 120  # seconds that a cell may take
BUDGET = 120  # seconds of processor time for a notebook: one minute on two cores; a busy machine does not change it
COLOUR = re.compile(r"\x1b\[[\d;]*m")
STRICT = {"GENLAB_STRICT": "1", "PYTHONWARNINGS": "error::DeprecationWarning:__main__"}

pytestmark = pytest.mark.notebook


def execute(path):
    """Run the notebook at `path` by nbval; the finished process."""
    (path.parent / "pytest.ini").write_text("[pytest]\n", "utf-8")  # not the project's: warnings in nbval are its own
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--nbval-lax", f"--nbval-cell-timeout={CELL}"]
    return subprocess.run(
        [*command, "-q", "--maxfail=1", "--color=no", path.name],
        cwd=path.parent,
        env=os.environ | STRICT,
        capture_output=True,
        text=True,
    )


def processor_time():
    """Seconds used by finished child processes and theirs, kernels included (0 on Windows, which does not count them)."""
    times = os.times()
    return times.children_user + times.children_system


def write(folder, *sources):
    """A notebook of code cells, for the tests of this lane itself."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / "written.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs_alone(path, tmp_path):
    before = processor_time()
    done = execute(Path(shutil.copy(path, tmp_path)))
    seconds = processor_time() - before
    if done.returncode != 0 or not re.search(r"\d+ passed", done.stdout):
        pytest.fail(COLOUR.sub("", done.stdout + done.stderr), pytrace=False)
    assert seconds < BUDGET, f"{path.name} took {seconds:.0f} s of processor time: at most {BUDGET}"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import genlab as gl\ngl.verdict(4, holds=False, evidence='0 of 8')", "Unexpected"),
        ("import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=1)", "genlab's tests run offline"),
        ("import warnings\nwarnings.warn('old', DeprecationWarning)", "DeprecationWarning"),
        (
            "import ipywidgets as w\ns = w.IntSlider()\nw.interactive_output(lambda x: 1 / x, {'x': s})",
            "ZeroDivisionError",
        ),
    ],
    ids=["error", "verdict", "outside", "warning", "in a widget"],
)
def test_a_faulty_notebook_fails(tmp_path, source, words, refused):
    done = execute(write(tmp_path, "x = 1", source))
    assert done.returncode == 1, done.stdout + done.stderr
    assert words in done.stdout
    assert len(refused()) == ("socket" in source)


def test_a_notebook_without_cells_is_an_error(tmp_path):
    assert execute(write(tmp_path)).returncode == pytest.ExitCode.NO_TESTS_COLLECTED
