"""The lab in real JupyterLab: what a reader presses, and what is then to be seen. Set GENLAB_SHOTS to keep pictures."""

import ast
import json
import os
import statistics
import time
import urllib.request
from pathlib import Path

import pytest
from notebook_page import CODE_CELL, open_notebook, output, run_all, run_cell, wait_idle, write_notebook
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

RING = """
import time
import genlab as gl
data = gl.datasets.ring(modes=8, n=4000, seed=1)
gan = gl.GAN(data, seed=1)
lab = gl.Lab(gan, data{options})
lab
"""
DIGITS = """
import genlab as gl
data = gl.datasets.digits(split="train")
gan = gl.GAN(data, **gl.gan.RECIPES["digits"], seed=1)
lab = gl.Lab(gan, data, pace=None)
lab
"""
WATCH = """
stopped = []
lab._bench.stage.observe(lambda change: stopped.append(time.time()), "running")
"""
ROOT = ".genlab-lab"
PRESS = """async ([words, name]) => {  // press a button; ms until the view's data-name is another
    const root = document.querySelector(".genlab-lab"), before = root.dataset[name], start = performance.now();
    [...root.querySelectorAll("button")].find(button => button.textContent === words).click();
    while (root.dataset[name] === before) await new Promise(requestAnimationFrame);
    return [performance.now() - start, Date.now() - (performance.now() - start)];
}"""
PACE = """async seconds => {  // steps a second, from one change of the counter to another
    const root = document.querySelector(".genlab-lab");
    const change = async () => {
        const before = root.dataset.step;
        while (root.dataset.step === before) await new Promise(requestAnimationFrame);
        return [performance.now() / 1000, Number(root.dataset.step)];
    };
    const [start, first] = await change();
    await new Promise(resolve => setTimeout(resolve, 1000 * seconds));
    const [end, last] = await change();
    return (last - first) / (end - start);
}"""
COLOURS = """selector => {  // how many different pixels a canvas has
    const canvas = document.querySelector(selector), pen = canvas.getContext("2d");
    return new Set(new Uint32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size;
}"""


class Seen:
    """A lab in an open page."""

    def __init__(self, page):
        self.page, self.root = page, page.locator(ROOT).first
        self.root.wait_for(timeout=60_000)
        page.wait_for_function(f"document.querySelector('{ROOT}').dataset.painted > 0", timeout=20_000)

    def __getattr__(self, name):
        return self.root.get_attribute(f"data-{name}")

    def press(self, words):
        self.root.get_by_role("button", name=words, exact=True).click()

    def wait(self, condition, seconds=20):
        """Wait until a condition in JavaScript on `data`, the view's attributes, holds."""
        test = f"(data => {condition})(document.querySelector('{ROOT}')?.dataset ?? {{}})"
        self.page.wait_for_function(test, timeout=1000 * seconds)

    def shot(self, name):
        if os.environ.get("GENLAB_SHOTS"):
            self.page.screenshot(path=Path(os.environ["GENLAB_SHOTS"]) / f"{name}.png")


def open_lab(page, server, name, *cells):
    write_notebook(server.folder / f"{name}.ipynb", *cells)
    open_notebook(page, server, f"{name}.ipynb")
    run_all(page)
    return Seen(page)


def value(page, index):
    """Run the cell with this index and read what it gives."""
    run_cell(page, index)
    return ast.literal_eval(output(page, index).inner_text().split("]:")[-1].strip())


def ask(server, method, what, body=None):
    request = urllib.request.Request(f"{server.url}/{what}", method=method, data=body and json.dumps(body).encode())
    request.add_header("Authorization", f"token {server.token}")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read()


def test_start_pause_change_a_knob_and_reset(page, jupyterlab, record_testsuite_property):
    cells = [RING.format(options=", pace=None"), WATCH, "[1000 * t for t in stopped]", "lab.model.step", "lab.log"]
    lab = open_lab(page, jupyterlab, "ring", *cells)
    assert (lab.kind, lab.step, lab.running) == ("points", "0", "false")
    expect(lab.root.get_by_role("status")).to_contain_text("0 of 8 modes")
    lab.shot("ring-before")

    first, _ = page.evaluate(PRESS, ["Start", "step"])
    assert first < 2000
    lab.wait("data.step > 300")
    delays = []
    for _ in range(5):  # pressed here, noted there: both read the clock of one machine
        _, pressed = page.evaluate(PRESS, ["Pause", "running"])
        page.wait_for_timeout(300)
        step = lab.step
        page.wait_for_timeout(300)
        assert lab.step == step  # it stands
        page.evaluate(PRESS, ["Start", "step"])
        delays.append(pressed)
    page.evaluate(PRESS, ["Pause", "running"])
    wait_idle(page)
    paused = value(page, 2)[1::2]
    delays = [noted - pressed for noted, pressed in zip(paused, delays, strict=False)]
    record_testsuite_property("start to first moving frame, ms", round(first))
    record_testsuite_property("pause, ms", [round(delay) for delay in delays])
    assert 0 < statistics.median(delays) < 150, delays
    assert value(page, 3) == int(lab.step)  # the last frame is that of the last step

    # another cell runs while it learns
    lab.press("Start")
    lab.wait("data.running === 'true'")
    start = time.perf_counter()
    then = value(page, 3)
    record_testsuite_property("another cell, ms", round(1000 * (time.perf_counter() - start)))
    assert lab.running == "true" and value(page, 3) > then

    # a slider by keyboard
    slider = lab.root.get_by_role("slider", name="lr_g")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    lab.wait("data.marks === '1'")
    [(step, name, old, new)] = value(page, 4)
    assert step > then and (name, old) == ("lr_g", 0.002) and 0 < new < old
    expect(slider).to_have_attribute("aria-valuetext", f"{new:g}".replace("e-0", "e-"))
    lab.press("Pause")
    lab.wait("data.running === 'false'")
    said = f"document.querySelector('{ROOT} .status').textContent"
    lab.wait(f"{said}.startsWith(`step ${{Number(data.step).toLocaleString('en')}}:`)")
    lab.shot("ring-after")

    lab.press("D only")
    lab.wait("data.marks === '2'")
    lab.press("Reset")
    lab.wait("data.step === '0'")
    assert lab.marks == "1" and value(page, 4) == [(0, "lr_g", 0.002, new)]
    assert page.evaluate(COLOURS, f"{ROOT} .picture canvas") > 50


@pytest.mark.parametrize("pace", [10, 100])
def test_the_pace_dial_keeps_its_pace(page, jupyterlab, record_testsuite_property, pace):
    lab = open_lab(page, jupyterlab, f"pace{pace}", RING.format(options=", pace=1"))
    lab.press("Start")
    lab.root.get_by_role("radio", name=str(pace), exact=True).check(force=True)
    lab.wait("data.step > 5")
    rate = page.evaluate(PACE, 5)
    record_testsuite_property("steps a second", round(rate, 2))
    assert rate == pytest.approx(pace, rel=0.1)
    expect(lab.root.get_by_role("radio", name=str(pace), exact=True)).to_be_checked()


def test_the_digits_lab_shows_digits(page, jupyterlab):
    lab = open_lab(
        page, jupyterlab, "digits", DIGITS, "lab.pause()", "[float(d) for d in lab.history.distance.dropna()]"
    )
    assert lab.kind == "images" and lab.step == "0"
    picture = f"{ROOT} .picture canvas"
    before = page.evaluate(f"document.querySelector('{picture}').toDataURL()")
    lab.press("Start")
    lab.wait("data.step > 2000", 90)
    lab.press("Pause")
    lab.wait("data.running === 'false'")
    lab.shot("digits")
    assert page.evaluate(COLOURS, picture) > 50
    assert page.evaluate(f"document.querySelector('{picture}').toDataURL()") != before
    distances = value(page, 2)
    assert distances[-1] < 0.75 * distances[0]
    told = lab.root.get_by_role("status").inner_text()
    expect(page.locator(picture)).to_have_attribute("aria-label", f"Samples. {told}")


def test_the_view_says_when_the_kernel_is_gone(page, jupyterlab):
    lab = open_lab(page, jupyterlab, "gone", RING.format(options=""))
    lab.press("Start")
    lab.wait("data.step > 20")
    assert lab.kernel == "live"
    page.get_by_role("button", name="Restart the kernel", exact=True).click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    lab.wait("data.kernel === 'none'")
    expect(lab.root.get_by_role("status")).to_contain_text("No kernel")
    lab.shot("no-kernel")
    lab.press("Pause")  # asks nobody, and breaks nothing
    page.locator(f"{CODE_CELL} .cm-content").first.click()
    page.keyboard.press("Control+Enter")
    lab.wait("data.kernel === 'live' && data.step === '0'")
    lab.press("Start")
    lab.wait("data.step > 5")


def test_two_views_a_reload_and_a_frame_of_another_version(page, jupyterlab):
    foreign = "lab._bench.stage.frame = b'\\x09' + lab._bench.stage.frame[1:]"
    lab = open_lab(page, jupyterlab, "again", RING.format(options=""), "lab", foreign)
    views = page.locator(ROOT)
    expect(views).to_have_count(2)
    views.nth(1).get_by_role("button", name="Start", exact=True).click()
    lab.wait("data.step > 20")
    page.keyboard.press("Control+s")  # from a button of the lab: JupyterLab's own keys still work
    page.wait_for_function("!document.title.startsWith('*')", timeout=10_000)
    page.reload()
    lab = Seen(page)
    step = int(lab.step)
    lab.wait(f"data.running === 'true' && data.step > {step}")
    lab.press("Pause")
    lab.wait("data.running === 'false'")
    wait_idle(page)
    run_cell(page, 2)
    expect(lab.root.get_by_role("status")).to_contain_text("This frame has version 9, and this page reads version 1")
    lab.press("Step")
    expect(lab.root.get_by_role("status")).to_contain_text("step ")


def test_narrow_dark_keyboard_and_reduced_motion(page, jupyterlab):
    themes = "lab/api/settings/@jupyterlab/apputils-extension:themes"
    ask(jupyterlab, "PUT", themes, {"raw": json.dumps({"theme": "JupyterLab Dark"})})
    try:
        lab = open_lab(page, jupyterlab, "dark", RING.format(options=""))
        brightness = """name => { const c = getComputedStyle(document.querySelector(".genlab-lab")).getPropertyValue(name).trim();
            return [1, 3, 5].map(i => parseInt(c.slice(i, i + 2), 16)).reduce((a, b) => a + b) / 765; }"""
        assert page.evaluate(brightness, "--lab-text") - page.evaluate(brightness, "--lab-paper") > 0.6

        page.emulate_media(reduced_motion="reduce")
        lab.root.get_by_role("button", name="Start", exact=True).focus()
        page.keyboard.press("Enter")  # the keys are the button's, not the notebook's
        lab.wait("data.running === 'true' && data.step > 10")
        painted, step = int(lab.painted), int(lab.step)
        page.wait_for_timeout(3000)
        assert int(lab.step) > step and 3 <= int(lab.painted) - painted <= 8
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        lab.wait("data.running === 'false'")
        assert page.evaluate("document.activeElement.textContent") == "Pause"
        lab.shot("dark")

        page.keyboard.press("Shift+Tab")
        page.locator(".jp-Notebook .jp-Cell").first.click()
        page.keyboard.press("Control+b")  # hides the list of files
        page.set_viewport_size({"width": 390, "height": 1400})
        page.wait_for_timeout(600)
        lab.shot("narrow")
        box = lab.root.bounding_box()
        assert 200 < box["width"] < 390
        for control in lab.root.locator("button, canvas, input[type=range], .pace span").all():
            inner = control.bounding_box()
            assert inner["width"] > 20 and inner["x"] >= box["x"] - 1
            assert inner["x"] + inner["width"] <= box["x"] + box["width"] + 1
    finally:
        ask(jupyterlab, "PUT", themes, {"raw": "{}"})


def test_after_a_click_shift_enter_goes_on_in_the_notebook(page, jupyterlab):
    lab = open_lab(page, jupyterlab, "goes-on", RING.format(options=""), "'next'")
    prompts = page.locator(f"{CODE_CELL} .jp-InputPrompt")
    page.locator(f"{CODE_CELL} .cm-content").first.click()
    page.keyboard.press("Shift+Enter")  # runs the lab's cell and selects the next
    expect(prompts.first).to_have_text("[3]:", timeout=30_000)
    wait_idle(page)
    lab.press("Start")
    lab.wait("data.step > 5")
    lab.press("Pause")
    page.keyboard.press("Shift+Enter")
    expect(prompts.nth(1)).to_have_text("[4]:", timeout=30_000)
    assert prompts.first.inner_text() == "[3]:"  # the lab was not made again
