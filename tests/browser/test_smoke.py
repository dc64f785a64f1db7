"""The ground of the browser tests: a plain widget lives in JupyterLab, and the page fixture sees what goes wrong."""

import pytest
from notebook_page import open_notebook, output, run_all, run_cell, write_notebook
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

BUTTON = """
import ipywidgets as widgets

count = widgets.Label("0")
button = widgets.Button(description="Press me")
button.on_click(lambda _: setattr(count, "value", str(int(count.value) + 1)))
widgets.HBox([button, count])
"""


def test_a_button_counts(page, jupyterlab):
    write_notebook(jupyterlab.folder / "button.ipynb", BUTTON, "6 * 7")
    open_notebook(page, jupyterlab, "button.ipynb")
    run_all(page)
    button = page.get_by_role("button", name="Press me", exact=True)
    for presses in (1, 2):
        button.click()
        expect(output(page, 0).locator(".widget-label")).to_have_text(str(presses))
    run_cell(page, 1)
    expect(output(page, 1)).to_contain_text("42")


def test_an_error_in_a_cell_is_told(page, jupyterlab):
    write_notebook(jupyterlab.folder / "error.ipynb", "1 / 0", "never = 'reached'")
    open_notebook(page, jupyterlab, "error.ipynb")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        run_all(page)


def test_console_errors_and_requests_to_the_outside_are_seen(page):
    page.evaluate("console.error('from the console')")
    page.set_content("<img src='http://192.0.2.1/x'>", wait_until="commit")
    page.wait_for_timeout(200)
    seen, page.problems[:] = list(page.problems), []
    assert "console: from the console" in seen
    assert "outside: http://192.0.2.1/x" in seen
