"""Drawing in real JupyterLab: by mouse and by key, and what arrives in Python."""

import json

import pytest
from notebook_page import open_notebook, run_all, run_cell, wait_idle, write_notebook
from playwright.sync_api import expect
from test_lab import ask, value

pytestmark = pytest.mark.browser

ROOT = ".genlab-lab.draw"
CELL = "import genlab as gl\npads = gl.draw(n=3)\npads"
ARRIVED = "[[(pad > 100).sum(0).max().item(), (pad > 100).sum(1).max().item()] for pad in pads.pads]"


def shot(page, name):
    import os

    if os.environ.get("GENLAB_SHOTS"):
        page.screenshot(path=f"{os.environ['GENLAB_SHOTS']}/draw-{name}.png")


def arrived(page):
    """Of each pad, how many dark pixels its fullest column and row have."""
    run_cell(page, 1)
    wait_idle(page)
    return value(page, 1)


def across(page, pad, x0, y0, x1, y1):
    """Press the mouse at one place of a pad (0 to 1), move, and let go at another."""
    box = pad.bounding_box()
    at = lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.mouse.move(*at(x0, y0))
    page.mouse.down()
    page.mouse.move(*at(x1, y1), steps=5)
    page.mouse.up()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_a_stroke_by_mouse_and_by_key_arrives(theme, page, jupyterlab):
    themes = "lab/api/settings/@jupyterlab/apputils-extension:themes"
    ask(jupyterlab, "PUT", themes, {"raw": json.dumps({"theme": theme})})
    try:
        write_notebook(jupyterlab.folder / "draw.ipynb", CELL, ARRIVED)
        open_notebook(page, jupyterlab, "draw.ipynb")
        run_all(page)
        root = page.locator(ROOT)
        pads, status = root.locator("canvas"), root.locator(".status")
        cells = page.locator(".jp-Notebook .jp-Cell").count()
        expect(status).to_have_text("0 of 3 pads drawn on")
        expect(pads.nth(0)).to_have_attribute("aria-label", "Pad 1 of 3. " + (pads.nth(0).get_attribute("title") or ""))
        across(page, pads.nth(0), 0.5, 0.2, 0.5, 0.8)
        expect(status).to_have_text("1 of 3 pads drawn on")
        pads.nth(1).focus()
        page.keyboard.press("Space")
        for _ in range(8):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        expect(status).to_have_text("2 of 3 pads drawn on")
        shot(page, theme.split()[-1])
        (tall, thin), (flat, long), empty = arrived(page)
        assert 15 < tall < 22 and 1 <= thin <= 4 and 8 <= long < 14 and 1 <= flat <= 4 and empty == [0, 0]
        pads.nth(1).focus()
        page.keyboard.press("Delete")
        expect(status).to_have_text("1 of 3 pads drawn on")
        root.get_by_role("button", name="Clear 1").click()
        expect(status).to_have_text("0 of 3 pads drawn on")
        across(page, pads.nth(2), 0.2, 0.5, 0.8, 0.5)
        root.get_by_role("button", name="Clear all").click()
        assert arrived(page) == [[0, 0]] * 3 and page.locator(".jp-Notebook .jp-Cell").count() == cells
    finally:
        ask(jupyterlab, "PUT", themes, {"raw": "{}"})
