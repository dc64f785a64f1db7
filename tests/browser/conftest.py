"""Fixtures of the browser tests: Chromium, one JupyterLab server, and a page that tolerates no error."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from notebook_page import Server

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
MISSING = (
    "Chromium {}: get it by `apt-get install chromium` (or your system's package manager, or Google Chrome), or name its "
    "program in the variable CHROMIUM"
)
FLAGS = [
    "--no-sandbox",  # for root, as in containers
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
SETTINGS = {  # file below the settings folder: its text
    # Else a "Would you like to get notified" toast covers the lower right corner.
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": true}',
    "extensionmanager-extension/plugin": '{"enabled": false}',  # asks the package index for extensions
    "notebook-extension/tracker": '{"windowingMode": "none"}',  # every cell is in the page, not only those in sight
    "docmanager-extension/plugin": '{"autosave": false}',  # no "file changed on disk" dialog
}


@pytest.fixture(scope="session")
def chromium():
    """Path of a Chromium; without one the tests are skipped, and under CI=true they fail."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None) or next(filter(os.path.exists, PLACES), None)
    if found and shutil.which(found):
        return found
    missing = MISSING.format(f"cannot be run from CHROMIUM={named}" if named else "was not found")
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def jupyterlab(chromium, tmp_path_factory):
    """A JupyterLab server on a free port, on a copy of notebooks/, with all its folders its own."""
    tmp = tmp_path_factory.mktemp("jupyterlab")
    folder = tmp / "notebooks"
    if NOTEBOOKS.is_dir():
        shutil.copytree(NOTEBOOKS, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    folder.mkdir(exist_ok=True)
    for name, text in SETTINGS.items():
        path = tmp / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    own = {"CONFIG": "config", "RUNTIME": "runtime", "DATA": "data"}
    env = os.environ | {f"JUPYTER_{key}_DIR": str(tmp / value) for key, value in own.items()}
    env |= {"JUPYTERLAB_SETTINGS_DIR": str(tmp / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(tmp / "workspaces")}
    env |= {"IPYTHONDIR": str(tmp / "ipython")}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lab = Server(f"http://127.0.0.1:{port}", secrets.token_hex(16), folder, tmp / "server.log")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={lab.token}", f"--ServerApp.root_dir={folder}"]
    command += ["--LabApp.extension_manager=readonly"]
    with open(lab.log, "w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(lab, server)
        yield lab
    finally:
        server.send_signal(signal.SIGTERM)  # the server shuts its kernels down itself
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(20)


def _wait_for(lab, server):
    deadline = time.monotonic() + 60
    while True:
        try:
            _ask(lab, "GET", "status")
            return
        except OSError:
            assert server.poll() is None, f"JupyterLab did not start:\n{lab.log.read_text('utf-8')}"
            assert time.monotonic() < deadline, f"JupyterLab is not there after 60 s:\n{lab.log.read_text('utf-8')}"
            time.sleep(0.1)


@pytest.fixture(autouse=True)
def no_kernels_left(request):
    """Shut down what a test leaves running: a lab that goes on training would slow the next test."""
    yield
    if "jupyterlab" in request.fixturenames:
        lab = request.getfixturevalue("jupyterlab")
        for session in json.loads(_ask(lab, "GET", "sessions")):
            _ask(lab, "DELETE", f"sessions/{session['id']}")


def _ask(lab, method, what):
    request = urllib.request.Request(f"{lab.url}/api/{what}", method=method)
    request.add_header("Authorization", f"token {lab.token}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


@pytest.fixture(scope="session")
def browser(chromium):
    """One Chromium for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page in a context of its own; the test fails on any error in its console and any request to the outside.

    ``page.problems`` is that list; a test that provokes an error takes it out of there.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.problems = problems = []
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on("console", lambda message: message.type == "error" and problems.append(f"console: {message.text}"))
    context.on("request", lambda request: _is_outside(request.url) and problems.append(f"outside: {request.url}"))
    page.on("websocket", lambda ws: _is_outside(ws.url) and problems.append(f"outside: {ws.url}"))
    yield page
    context.close()
    assert not problems, "\n".join(problems)


def _is_outside(url):
    parts = urllib.parse.urlsplit(url)
    return parts.scheme not in ("data", "blob", "about") and parts.hostname not in ("127.0.0.1", "localhost")
