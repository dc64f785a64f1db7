"""The guessing game in real JupyterLab: by click and by key, to its end."""

import json

import pytest
from notebook_page import CODE_CELL, open_notebook, output, run_all, save, wait_idle, write_notebook
from playwright.sync_api import expect
from test_lab import ask, value

pytestmark = pytest.mark.browser

ROOT = ".genlab-lab.guess"
CELL = """
import pandas as pd
import torch
import genlab as gl
{rows}
game = gl.guess(real, fake, rounds=3, seed=1)
game
"""
ROWS = {
    "points": "real = gl.datasets.ring(n=900, seed=1)\nfake = real.x + 0.6 * torch.randn(900, 2)",
    "images": "real = gl.datasets.digits()\nfake = real.x.flip(3)",
    "texts": "real = gl.datasets.names()\nfake = ['<b>x</b>' + n for n in gl.datasets.names('test').text]",
    "rows": "real = gl.datasets.opinions().iloc[:, :12]\nfake = real.sample(frac=1, random_state=1)",
}


def shot(page, name):
    import os

    if os.environ.get("GENLAB_SHOTS"):
        page.screenshot(path=f"{os.environ['GENLAB_SHOTS']}/guess-{name}.png")


@pytest.mark.parametrize("kind", ROWS)
def test_a_game_by_click_and_by_key(kind, page, jupyterlab):
    name = f"guess-{kind}.ipynb"
    write_notebook(jupyterlab.folder / name, CELL.format(rows=ROWS[kind]), "(game.score, game.history.answer.tolist())")
    open_notebook(page, jupyterlab, name)
    run_all(page)
    root, cells = page.locator(ROOT), page.locator(".jp-Notebook .jp-Cell").count()
    status = root.locator(".status")
    expect(root).to_have_attribute("data-kind", kind)
    expect(status).to_have_text("pair 1 of 3: which one is made?")
    shot(page, kind)
    root.get_by_role("button", name="The left one is made").dblclick()
    expect(status).to_contain_text("one is made. So far")
    expect(root.locator("[data-told=made]")).to_have_count(1)
    shot(page, f"{kind}-told")
    assert page.evaluate("document.activeElement.textContent") == "Next pair"
    page.keyboard.press("Enter")
    expect(status).to_have_text("pair 2 of 3: which one is made?")
    page.keyboard.press("2")
    expect(status).to_contain_text("one is made. So far")
    page.keyboard.press("Space")
    expect(status).to_have_text("pair 3 of 3: which one is made?")
    page.keyboard.press("ArrowRight")
    expect(status).to_contain_text("one is made. So far")
    page.keyboard.press("Enter")
    expect(status).to_contain_text("a classifier that has learned from other rows", timeout=60_000)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    wait_idle(page)
    (right, asked), answers = value(page, 1)
    assert asked == 3 and answers == ["left", "right", "right"]
    expect(status).to_contain_text(f"You were right on {right} of 3 pairs")


def test_two_views_a_reload_a_narrow_dark_page_and_no_kernel(page, jupyterlab):
    themes = "lab/api/settings/@jupyterlab/apputils-extension:themes"
    ask(jupyterlab, "PUT", themes, {"raw": json.dumps({"theme": "JupyterLab Dark"})})
    try:
        write_notebook(jupyterlab.folder / "guess-again.ipynb", CELL.format(rows=ROWS["images"]), "game")
        open_notebook(page, jupyterlab, "guess-again.ipynb")
        run_all(page)
        expect(page.locator(ROOT)).to_have_count(2)
        page.locator(ROOT).first.get_by_role("button", name="The right one is made").click()
        for view in (0, 1):
            expect(page.locator(ROOT).nth(view).locator("[data-told=made]")).to_have_count(1)
        save(page)
        page.reload()
        expect(page.locator(ROOT).first.locator("[data-told=made]")).to_have_count(1, timeout=60_000)
        page.locator(f"{CODE_CELL} .cm-content").first.click()
        page.keyboard.press("Escape")
        page.keyboard.press("Control+b")
        page.set_viewport_size({"width": 390, "height": 1300})
        page.wait_for_timeout(600)
        shot(page, "narrow-dark")
        box = page.locator(ROOT).first.bounding_box()
        for control in page.locator(ROOT).first.locator("button, canvas").filter(visible=True).all():
            inner = control.bounding_box()
            assert inner["x"] >= box["x"] - 1 and inner["x"] + inner["width"] <= box["x"] + box["width"] + 1
        page.set_viewport_size({"width": 1280, "height": 900})
        page.get_by_role("button", name="Restart the kernel", exact=True).click()
        page.get_by_role("button", name="Confirm Kernel Restart").click()
        page.locator(ROOT).first.get_by_role("button", name="Next pair").click()
        expect(page.locator(ROOT).first.locator(".status")).to_contain_text("No kernel", timeout=10_000)
        page.problems.clear()
    finally:
        ask(jupyterlab, "PUT", themes, {"raw": "{}"})
    assert output(page, 0).count()
