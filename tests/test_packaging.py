"""What is built holds what a user needs; and the papers around the code agree with each other."""

import email
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import genlab

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CONDA = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base", "seaborn": "seaborn-base"}  # pip's name: conda's
OUTSIDE = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}


def tracked(room):
    """Names of the files of notebooks/ or datasets/, as the tree has them."""
    names = (path.relative_to(ROOT / room).as_posix() for path in (ROOT / room).rglob("*") if path.is_file())
    return {name for name in names if ".ipynb_checkpoints" not in name and "__pycache__" not in name}


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """Folder with an sdist, and the wheel built from that sdist; made offline from a copy of the tree."""
    tmp = tmp_path_factory.mktemp("build")
    ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".ipynb_checkpoints", "dist")
    shutil.copytree(ROOT, tmp / "tree", ignore=ignored)
    (tmp / "tree" / "notebooks" / ".ipynb_checkpoints").mkdir()
    (tmp / "tree" / "notebooks" / ".ipynb_checkpoints" / "x.ipynb").write_text("{}", "utf-8")  # must not be shipped
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp / "dist"), str(tmp / "tree")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return tmp / "dist"


@pytest.fixture(scope="module")
def wheel(dist):
    (path,) = dist.glob("*.whl")
    return path


def test_the_wheel_holds_the_course_its_data_and_the_licences(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        meta = next(name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(meta))
    for room in ("notebooks", "datasets"):
        inside = {
            name.removeprefix(f"genlab/_share/{room}/") for name in names if name.startswith(f"genlab/_share/{room}/")
        }
        assert inside == tracked(room)
        assert inside
    code = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "genlab").rglob("*")
        if path.suffix in (".py", ".js", ".css")
    }
    assert code <= names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"genlab", f"genlab-{genlab.__version__}.dist-info"}
    assert {Path(name).name for name in names if "/licenses/" in name} == {"LICENSE", "LICENSE-TEXT"}
    assert metadata["Version"] == genlab.__version__


def test_the_sdist_holds_the_tree(dist):
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"{room}/{name}" for room in ("notebooks", "datasets") for name in tracked(room)} <= names
    assert {"README.md", "LICENSE", "LICENSE-TEXT", "pyproject.toml", "tests/conftest.py"} <= names


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Run a command in a new environment that has the wheel, sees the heavy libraries of this one, and not the tree."""
    home = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home / "venv")], check=True)
    scheme = {"base": str(home / "venv"), "platbase": str(home / "venv")}
    site, scripts = (Path(sysconfig.get_path(name, "venv", scheme)) for name in ("purelib", "scripts"))
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        str(wheel),
    ]
    done = subprocess.run(pip, capture_output=True, text=True, env=OUTSIDE, cwd=home)
    assert done.returncode == 0, done.stderr
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"), "utf-8")  # does not run the .pth files in there

    def run(*command):
        program = [str(python), *command[1:]] if command[0] == "python" else [str(scripts / command[0]), *command[1:]]
        return subprocess.run(program, capture_output=True, text=True, env=OUTSIDE, cwd=home)

    return run


def test_the_installed_wheel_is_used_and_loads_its_data(installed):
    code = "import genlab as gl; print(gl.__file__); print(gl.datasets.digits().x.shape)"
    done = installed("python", "-c", code)
    assert done.returncode == 0, done.stderr
    assert str(ROOT / "genlab") not in done.stdout
    assert "torch.Size" in done.stdout


def test_the_installed_command_copies_the_course(installed, tmp_path):
    done = installed("genlab", "lab", str(tmp_path / "course"), "--no-open")
    assert done.returncode == 0, done.stderr
    copied = {
        path.relative_to(tmp_path / "course").as_posix() for path in (tmp_path / "course").rglob("*") if path.is_file()
    }
    assert copied - {".genlab-course.json"} == tracked("notebooks")


def test_the_installed_command_examines_the_machine(installed):
    done = installed("genlab", "doctor")
    assert "problem  " not in done.stdout, done.stdout
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("libraries: ", "torch computes on", "widgets: ", "data file(s) as they should be"):
        assert words in done.stdout


# --- The papers


def test_environment_yml_names_the_same_bounds():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert environment["channels"] == ["conda-forge"]
    (pip,) = (entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert pip == ["-e .[lab]"]
    needs = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"], f"python{PROJECT['requires-python']}"]
    wanted = {(CONDA.get(need.name, need.name), need.specifier) for need in map(Requirement, needs)}
    entries = [Requirement(entry) for entry in environment["dependencies"] if isinstance(entry, str) and entry != "pip"]
    assert {(entry.name, entry.specifier) for entry in entries} == wanted


def test_the_set_up_pins_lie_in_the_open_ranges():
    lines = (ROOT / "constraints" / "set-up.txt").read_text("utf-8").splitlines()
    pins = {
        pin.name: str(pin.specifier).removeprefix("==")
        for pin in map(Requirement, (x for x in lines if x[:1] not in ("#", "")))
    }
    needs = [
        *PROJECT["dependencies"],
        *(need for extra in ("lab", "test") for need in PROJECT["optional-dependencies"][extra]),
    ]
    for need in map(Requirement, needs):
        assert pins[need.name] in need.specifier, need


def test_the_citation_has_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == genlab.__version__
    assert f"## {genlab.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def makefile_targets():
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.M))


@pytest.mark.parametrize(
    ("paper", "least"),
    [("README.md", {"lab", "test"}), ("CONTRIBUTING.md", {"lab", "test", "claims"}), (".ci/run", {"test"})],
)
def test_every_make_command_that_is_named_exists(paper, least):
    text = (ROOT / paper).read_text("utf-8")
    if paper.endswith(".md"):  # commands stand between backticks there
        text = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.S))
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", text))
    assert least <= named <= makefile_targets()


def test_every_data_file_has_its_row():
    page = (ROOT / "datasets" / "README.md").read_text("utf-8")
    for name in tracked("datasets") - {"README.md"}:
        assert name in page
        assert genlab.datasets.FILES[name] in page, f"{name}: its SHA-256"
        assert genlab.datasets.read(name).is_file()
