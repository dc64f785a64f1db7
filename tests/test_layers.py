"""The house rule of the imports: a room imports only rooms below it, and heavy libraries have their place."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "genlab"
FLOORS = (  # lowest first; a room imports rooms of lower floors only, so metrics, plots, parts and storage know no family
    {"files", "rows", "work"},
    {"surveys", "texts", "shapes", "columns", "own", "molecules"},
    {"series"},
    {"datasets"},
    {"parts", "storage", "likelihoods"},
    {"model", "metrics", "sequences", "symbols"},
    {"plots", "causal"},
    {"gan", "vae", "autoregressive"},
    {"training", "exercises"},
    {"worker"},
    {"sweeping"},
    {"lab", "tables", "checks", "claims", "doctor", "classroom"},
    {"failures", "studio", "augment"},  # a failure opens itself in the lab; the studio is a form over the tables
    {"cli"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
PLACES = {  # library: the only places below genlab/ that may import it
    "ipywidgets": ("lab/", "studio/"),
    "anywidget": ("lab/", "studio/"),
    "matplotlib": ("plots.py", "tables/reporting/", "lab/"),
    "seaborn": ("plots.py", "tables/reporting/", "lab/"),
    "pickle": (),  # files from others are untrusted
}
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def room_of(file):
    return file.partition("/")[0].removesuffix(".py")


def imports(source, file):
    """Every module that `source`, the text of genlab/`file`, imports anywhere, as full dotted names."""
    package = ["genlab", *file.split("/")[:-1]]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def complaints(source, file):
    """What in `source` is against the rule."""
    room = room_of(file)
    for name in imports(source, file):
        top, _, rest = name.partition(".")
        if top in PLACES and not any(file.startswith(place) for place in PLACES[top]):
            yield f"genlab/{file} imports {name}: only {', '.join(PLACES[top]) or 'nobody'} may"
        other = rest.partition(".")[0]
        if top == "genlab" and other in FLOOR and other != room and FLOOR[other] >= FLOOR[room]:
            yield f"genlab/{file} imports {name}: {room} may import lower floors only"


@pytest.mark.parametrize("file", [file for file in FILES if file != "__init__.py"])
def test_imports_go_downward_only(file):
    assert room_of(file) in FLOOR, f"genlab/{file} has no place yet: give it a floor in tests/test_layers.py"
    assert list(complaints((PACKAGE / file).read_text("utf-8"), file)) == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("parts.py", "from genlab.gan import GAN"),
        ("parts.py", "from genlab import gan"),
        ("parts.py", "from . import gan"),
        ("metrics/images.py", "from ..gan import GAN"),
        ("gan.py", "import genlab.vae"),
        ("training.py", "def f():\n    from genlab import lab"),
        ("training.py", "import matplotlib.pyplot as plt"),
        ("tables/model.py", "import seaborn"),
        ("gan.py", "from ipywidgets import Button"),
        ("storage.py", "import pickle"),
    ],
)
def test_the_rule_is_seen_to_be_broken(file, source):
    assert len(list(complaints(source, file))) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("gan.py", "from genlab.parts import MLP\nfrom genlab import datasets"),
        ("metrics/images.py", "from .points import a\nfrom genlab.metrics import b\nfrom . import c"),
        ("lab/views.py", "import ipywidgets, matplotlib.figure"),
        ("cli.py", "from genlab import __version__"),
    ],
)
def test_what_is_right_passes(file, source):
    assert list(complaints(source, file)) == []


HEAVY = ("torch", "pandas", "matplotlib", "seaborn", "ipywidgets", "anywidget", "sklearn", "scipy")


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import genlab", HEAVY),
        ("import genlab; genlab.GAN", [name for name in HEAVY if name != "torch"]),
    ],
)
def test_importing_is_light(code, absent):
    code += f"; import sys; print(sorted(set({list(absent)}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"
