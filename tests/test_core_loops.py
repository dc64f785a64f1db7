"""The loop in a notebook's `core-loop` cell is the library's loop: the same code, and the same history."""

import ast
import inspect
import pathlib

import nbformat
import pytest

import genlab as gl

NOTEBOOKS = pathlib.Path(__file__).parent.parent / "notebooks"
CELLS = [
    pytest.param(cell.source, id=path.stem)
    for path in sorted(NOTEBOOKS.glob("*.ipynb"))
    for cell in nbformat.read(path, as_version=4).cells
    if "core-loop" in cell.metadata.get("tags", [])
]


def bare(source):
    """The function in `source` as a tree without its docstring; comments and blank lines do not count."""
    (function,) = ast.parse(source).body
    if ast.get_docstring(function):
        function.body = function.body[1:]
    return ast.dump(function)


def test_there_are_core_loop_cells():
    assert CELLS


@pytest.mark.parametrize("source", CELLS)
def test_the_cell_is_the_library_loop(source):
    name = ast.parse(source).body[0].name
    assert bare(source) == bare(inspect.getsource(getattr(gl, name)))


def test_a_removed_detach_would_be_seen():
    source = inspect.getsource(gl.gan_steps)
    assert bare(source) != bare(source.replace("fake.detach()", "fake", 1))
    assert bare(source) == bare(source.replace("# 2. Judge", "# second:"))
