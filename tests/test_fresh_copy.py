"""From a fresh copy of the tree to an open JupyterLab by `make lab` alone: what a new user does.

The only test that installs from a package index, and so the only one outside the offline rule.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
IGNORED = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".ipynb_checkpoints", "dist")
USER = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV", "GENLAB_REFUSED")}

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="make is not usual on Windows")]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the tree, set up by make."""
    folder = tmp_path_factory.mktemp("fresh copy") / "genlab"  # a blank in the path must do no harm
    shutil.copytree(ROOT, folder, ignore=IGNORED)
    done = subprocess.run(["make", "set-up-lab"], cwd=folder, env=USER, capture_output=True, text=True)
    if "is there a network?" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Set up in .venv.\n")
    yield folder
    shutil.rmtree(folder)  # more than a gigabyte


def test_the_second_call_is_quick_and_silent(copy):
    start = time.perf_counter()
    done = subprocess.run(["make", "set-up-lab"], cwd=copy, env=USER, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert time.perf_counter() - start < 2


def test_no_cuda_came_along_and_the_doctor_is_content(copy):
    site = next((copy / ".venv").rglob("site-packages"))
    assert not list(site.glob("nvidia*"))
    done = subprocess.run(
        [copy / ".venv" / "bin" / "genlab", "doctor"], cwd=copy, env=USER, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_lab_opens_the_first_notebook_although_its_port_is_taken(copy, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env = USER | {"JUPYTER_RUNTIME_DIR": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
        command = ["make", "lab", f"LAB_ARGS=--no-browser --ip=127.0.0.1 --port={port}"]
        with open(tmp_path / "log", "w") as log:
            server = subprocess.Popen(command, cwd=copy, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            while not (found := list(tmp_path.glob("jpserver-*.json"))):
                assert server.poll() is None, (tmp_path / "log").read_text("utf-8")
                time.sleep(0.1)
            time.sleep(0.5)  # the file is there before it is full
            about = json.loads(found[0].read_text("utf-8"))
            assert about["port"] != port
            first = f"{about['url']}api/contents/00_first_minute.ipynb?content=0&token={about['token']}"
            with urllib.request.urlopen(first, timeout=10) as answer:
                assert json.load(answer)["type"] == "notebook"
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(20)
