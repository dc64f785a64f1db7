"""Steps that the browser tests share: open a notebook, run it, wait until it has run.

The waits are the ones that hold in JupyterLab 4: running a cell before the kernel is attached opens a "Select Kernel"
dialog, and the notebook's own indicator says "idle" too early, so the status bar is asked.
"""

import contextlib
import secrets
import typing
from pathlib import Path

import nbformat
from playwright.sync_api import Page, TimeoutError

OPENS_IN = 60_000  # ms: server, page and kernel on a busy machine
STDERR = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"  # tracebacks are shown as this too
CODE_CELL = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-CodeCell"
UNRUN = f"""() => [...document.querySelectorAll("{CODE_CELL}")].filter(cell =>
    cell.querySelector(".cm-content").textContent.trim() && !/\\[\\d+\\]/.test(cell.querySelector(".jp-InputPrompt").textContent)
).length"""


class Server(typing.NamedTuple):
    """A running JupyterLab."""

    url: str
    token: str
    folder: Path  # its root: a copy of notebooks/, free to write in
    log: Path  # what the server printed


def write_notebook(path, *sources):
    """Write a notebook with one code cell for each of `sources`."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


def open_notebook(page: Page, lab: Server, name: str):
    """Open a notebook of `lab` (a path below its folder) and wait until its kernel is ready."""
    workspace = secrets.token_hex(4)  # else JupyterLab opens the tabs of the last test as well
    page.goto(f"{lab.url}/lab/workspaces/{workspace}/tree/{name}?token={lab.token}")
    page.locator(".jp-NotebookPanel .jp-Notebook").wait_for(timeout=OPENS_IN)
    wait_idle(page, OPENS_IN)


def wait_idle(page: Page, timeout=OPENS_IN):
    """Wait until the kernel has nothing to do, in ms."""
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=timeout)


def save(page: Page):
    """Press Control+S and wait until the server has the notebook."""
    with page.expect_response(lambda answer: answer.request.method == "PUT" and ".ipynb" in answer.url):
        page.keyboard.press("Control+s")


def run_all(page: Page, timeout=120_000):
    """Run all cells and wait for the last one; AssertionError with the message of a cell that failed."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    done = f"""() => ({UNRUN})() === 0 || document.querySelector("{STDERR}") !== null"""
    with contextlib.suppress(TimeoutError):  # the assertions say more
        page.wait_for_function(done, timeout=timeout)
    assert_no_errors(page)
    unrun = page.evaluate(UNRUN)
    assert unrun == 0, f"{unrun} cell(s) did not run within {timeout / 1000:g} s"
    wait_idle(page)


def run_cell(page: Page, index: int, timeout=60_000):
    """Run the code cell with this index (0 is the first) and wait until it has run once more."""
    cell = page.locator(CODE_CELL).nth(index)
    prompt = cell.locator(".jp-InputPrompt").first
    before = prompt.inner_text().strip()
    cell.locator(".cm-content").first.click()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        """([prompt, before]) => { const now = prompt.textContent.trim(); return now !== before && /\\[\\d+\\]/.test(now); }""",
        arg=[prompt.element_handle(), before],
        timeout=timeout,
    )


def output(page: Page, index: int):
    """Locator of the output area of the code cell with this index."""
    return page.locator(CODE_CELL).nth(index).locator(".jp-Cell-outputWrapper")


def assert_no_errors(page: Page):
    """No cell of the page shows an error or wrote to standard error."""
    shown = page.locator(STDERR).all_inner_texts()
    assert not shown, "\n".join(shown)
