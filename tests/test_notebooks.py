"""Every notebook runs from top to bottom, alone in an empty folder, offline, with real widgets and strict verdicts.

nbval runs them, because it alone sees errors that a widget's Output or `interactive_output` swallows.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from genlab import claims

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
CELL = 120  # seconds that a cell may take
BUDGET = 120  # seconds of processor time for a notebook: one minute on two cores; a busy machine does not change it
COLOUR = re.compile(r"\x1b\[[\d;]*m")
# Numbers that a cell may compute, and prose may not hold; in code, formulas and what is in brackets with a year they may.
FIGURE = re.compile(r"(?<![\w.,])(?:\d+\.\d{2,}|[1-9]\d*\.\d+|\d{2,} ?%|\d{1,3}(?:,\d{3})+|\d{4,})(?![\w,.]*\d)")
NO_PROSE = re.compile(r"```.*?```|`[^`]*`|\$[^$]*\$|\([^()]*\d{4}[^()]*\)|CC\s+BY(-SA)?\s+[\d.]+|\b(19|20)\d\d\b", re.S)
PRINTED, FOUND = "printed.txt", "found.jsonl"  # what the cells of a notebook put out, and its verdicts, beside it
KEEP_OUTPUTS = f"""
def pytest_runtest_teardown(item):
    with open({PRINTED!r}, "a", encoding="utf-8") as file:
        for output in item.test_outputs or []:
            texts = output.get("data", {{}})
            file.write("\\n".join([output.get("text", ""), texts.get("text/plain", ""), texts.get("text/html", "")]))
"""
STRICT = {"GENLAB_STRICT": "1", "PYTHONWARNINGS": "error::DeprecationWarning:__main__"}

pytestmark = pytest.mark.notebook


def execute(path):
    """Run the notebook at `path` by nbval; the finished process."""
    (path.parent / "pytest.ini").write_text("[pytest]\n", "utf-8")  # not the project's: warnings in nbval are its own
    (path.parent / "conftest.py").write_text(KEEP_OUTPUTS, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--nbval-lax", f"--nbval-cell-timeout={CELL}"]
    return subprocess.run(
        [*command, "-q", "--maxfail=1", "--color=no", path.name],
        cwd=path.parent,
        env=os.environ | STRICT | {"GENLAB_CLAIMS": FOUND},
        capture_output=True,
        text=True,
    )


def typed(path):
    """Figures that stand in the prose of the notebook at `path`, in no code, and in what its cells put out when it ran."""
    cells = nbformat.read(path, as_version=4).cells
    prose = "\n".join(NO_PROSE.sub("", cell.source) for cell in cells if cell.cell_type == "markdown")
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    bare = lambda text: {figure.replace(",", "").replace(" %", "%") for figure in FIGURE.findall(text)}
    chosen = {figure.replace("_", "") for figure in re.findall(r"\d[\d_.]*", code)}
    printed = bare(path.with_name(PRINTED).read_text("utf-8"))
    return {figure for figure in bare(prose) & printed if figure.rstrip("%") not in chosen}


def verdicts(path):
    """What the notebook at `path` has decided when it ran, as a page of claims tells it."""
    found = path.with_name(FOUND)
    lines = found.read_text("utf-8").splitlines() if found.exists() else []
    number = path.stem[:2]
    page = claims.page([json.loads(line) | {"notebook": number} for line in lines], "")
    return {verdict for verdict in claims.decided(page) if verdict[-1] == number}


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
    assert not typed(tmp_path / path.name), "prose holds figures that a cell computes: let code print them"
    page = claims.decided((path.parent / "CLAIMS.md").read_text("utf-8"))
    told = {verdict for verdict in page if verdict[-1] == path.stem[:2]}
    assert verdicts(tmp_path / path.name) == told, "notebooks/CLAIMS.md tells other verdicts: make claims"
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


def test_prose_may_not_hold_what_a_cell_computes(tmp_path):
    path = write(tmp_path, "n = 2500", "print(f'{1 / 7:.3f} of {n:,}, {0.37:.0%}, and {6000 + 321:,}')")
    notebook = nbformat.read(path, as_version=4)
    text = (
        "It came to 0.143 of 2,500 rows, 37 % in 2020, `0.143` in code (Doe, 1999), as of 6,321, and 0.99 of another."
    )
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text))
    nbformat.write(notebook, path)
    assert execute(path).returncode == 0
    assert typed(path) == {"0.143", "37%", "6321"}


def test_a_notebook_without_cells_is_an_error(tmp_path):
    assert execute(write(tmp_path)).returncode == pytest.ExitCode.NO_TESTS_COLLECTED
