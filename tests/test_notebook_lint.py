"""What every notebook must hold to, read from its file alone; how they run is tested in test_notebooks.py."""

import ast
import copy
import re
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MAGICS = {"%pip"}  # and that in the install cell only
MOST_CELLS, MOST_LINES, MOST_LOOP = 25, 30, 45  # the library's whole loop, tagged core-loop, fits a screen
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
NO_ALT = re.compile(r"!\[\s*\]\(|<img(?![^>]*\balt\s*=\s*[\"'][^\"']+[\"'])[^>]*>")
HEADING = re.compile(r"^# \S", re.M)
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def tags(cell):
    return cell.metadata.get("tags", [])


def faults(notebook):
    """Every rule that `notebook` breaks, in words."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    prose = [FENCE.sub("", cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]
    everything = "\n".join(cell.source for cell in code)
    yield from _stored(notebook, code)
    yield from _install(code)
    for cell in code:
        yield from _code(cell)
    if len(code) > MOST_CELLS:
        yield f"{len(code)} code cells: at most {MOST_CELLS}"
    headings = sum(len(HEADING.findall(text)) for text in prose)
    if headings != 1:
        yield f"{headings} headings of the first level: exactly one, the title"
    if not re.search(r"^import genlab as gl$", everything, re.M):
        yield "no line `import genlab as gl`"
    if "gl.check(" not in everything:
        yield "no exercise: call gl.check at least once"
    if "gl.verdict(" not in everything and not re.search(r"^\s*assert ", everything, re.M):
        yield "nothing is asserted: call gl.verdict or assert something of the results"
    for image in (match for text in prose for match in NO_ALT.findall(text)):
        yield f"an image without alt text: {image}"


def _stored(notebook, code):
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "the kernel is not python3"
    extra = {"widgets"} & set(notebook.metadata) | {"version"} & set(notebook.metadata.get("language_info", {}))
    if extra:
        yield f"metadata of one machine or session is stored: {', '.join(sorted(extra))}"
    if any(cell.outputs or cell.execution_count is not None for cell in code):
        yield "outputs are stored: nbstripout --keep-id"
    names = [cell.get("id") for cell in notebook.cells]
    if len(set(names)) < len(names) or not all(name and re.search("[A-Za-z]", name) for name in names):
        yield "cell ids are not unique names (numbers alone would move when a cell is added)"


def _install(code):
    found = [cell for cell in code if "install" in tags(cell)]
    if len(found) != 1:
        yield f"{len(found)} cells tagged install: exactly one"
        return
    for part in ("NBVAL_SKIP", '"google.colab" in sys.modules'):
        if part not in found[0].source:
            yield f"the install cell lacks {part}"


def _code(cell):
    name, lines = cell.get("id"), cell.source.splitlines()
    most = MOST_LOOP if "core-loop" in tags(cell) else MOST_LINES
    if len(lines) > most:
        yield f"cell {name} has {len(lines)} lines: at most {most}"
    for line in map(str.strip, lines):
        if line.startswith("!"):
            yield f"cell {name} calls the shell: {line}"
        if line.startswith("%") and (line.split()[0] not in MAGICS or "install" not in tags(cell)):
            yield f"cell {name} uses a magic: {line}"
    if re.search(r"%run|import_ipynb|\.ipynb\b", cell.source):
        yield f"cell {name} refers to another notebook: each must run alone"
    marked = (BEGIN in cell.source, END in cell.source)
    if any(marked) != all(marked) or all(marked) and cell.source.index(BEGIN) > cell.source.index(END):
        yield f"cell {name}: {BEGIN} and {END} come together, in this order"
    if any(marked) != ("solution" in tags(cell)):
        yield f"cell {name}: solutions carry both the marks and the tag solution"
    if "install" not in tags(cell):
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            yield f"cell {name} is no Python: {error}"


def test_there_are_notebooks():
    assert NOTEBOOKS, f"no notebooks in {FOLDER}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_holds_to_the_rules(path):
    assert re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", path.name)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert list(faults(notebook)) == []


def test_numbers_are_used_once():
    numbers = [path.name[:2] for path in NOTEBOOKS]
    assert len(set(numbers)) == len(numbers)


@pytest.fixture
def sound():
    """A small notebook without faults."""
    new = nbformat.v4
    cells = [
        new.new_markdown_cell("# Title\n\n![a ring](ring.png)", id="title"),
        new.new_code_cell(
            '# NBVAL_SKIP\nimport sys\n\nif "google.colab" in sys.modules:\n    %pip install -q genlab', id="install"
        ),
        new.new_code_cell("import genlab as gl", id="imports"),
        new.new_code_cell('gl.check("x", 1)\nassert True', id="exercise"),
        new.new_code_cell(f"{BEGIN}\nx = 1\n{END}", id="solution"),
    ]
    cells[1].metadata.tags, cells[4].metadata.tags = ["install"], ["solution"]
    return new.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})


def test_a_sound_notebook_passes(sound):
    assert list(faults(sound)) == []


def _set(index, text):
    return lambda notebook: notebook.cells[index].update(source=text)


FAULTS = {
    "calls the shell": _set(2, "import genlab as gl\n!ls"),
    "uses a magic: %matplotlib": _set(2, "import genlab as gl\n%matplotlib inline"),
    "uses a magic: %pip": _set(2, "import genlab as gl\n%pip install x"),
    "kernel is not python3": lambda notebook: notebook.metadata.kernelspec.update(name="py312"),
    "one machine or session": lambda notebook: notebook.metadata.update(widgets={}),
    "outputs are stored": lambda notebook: notebook.cells[2].update(execution_count=3),
    "not unique names": lambda notebook: notebook.cells[2].update(id="title"),
    "numbers alone": lambda notebook: notebook.cells[2].update(id="7"),
    "2 headings": lambda notebook: notebook.cells[0].update(source="# One\n# Two"),
    "0 headings": _set(0, "no title"),
    "0 cells tagged install": lambda notebook: notebook.cells[1].metadata.update(tags=[]),
    "install cell lacks NBVAL_SKIP": _set(1, 'import sys\n"google.colab" in sys.modules'),
    "import genlab as gl": _set(2, "import genlab"),
    "26 code cells": lambda notebook: notebook.cells.extend(
        nbformat.v4.new_code_cell("1", id=f"x{i}") for i in range(22)
    ),
    "has 31 lines": _set(2, "import genlab as gl" + "\nx = 1" * 30),
    "no exercise": _set(3, "assert True"),
    "nothing is asserted": _set(3, 'gl.check("x", 1)'),
    "without alt text: ![](": _set(0, "# Title\n![](ring.png)"),
    "without alt text: <img": _set(0, "# Title\n<img src='ring.png' alt=''>"),
    "another notebook": _set(2, "import genlab as gl\nopen('00_first.ipynb')"),
    "come together": _set(4, f"{BEGIN}\nx = 1"),
    "in this order": _set(4, f"{END}\nx = 1\n{BEGIN}"),
    "the tag solution": lambda notebook: notebook.cells[4].metadata.update(tags=[]),
    "both the marks": _set(4, "x = 1"),
    "no Python": _set(2, "import genlab as gl\nx = = 1"),
}


@pytest.mark.parametrize("words", FAULTS)
def test_a_fault_is_named(sound, words):
    broken = copy.deepcopy(sound)
    FAULTS[words](broken)
    assert any(words in fault for fault in faults(broken)), list(faults(broken))
