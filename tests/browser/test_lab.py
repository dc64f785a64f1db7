"""The lab in real JupyterLab: what a reader presses, and what is then to be seen. Set GENLAB_SHOTS to keep pictures."""

import ast
import json
import os
import statistics
import time
import urllib.request
from pathlib import Path

import pytest
from notebook_page import CODE_CELL, open_notebook, output, run_all, run_cell, save, wait_idle, write_notebook
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CELL = """
import time
import genlab as gl
data = {data}
model = {model}
lab = gl.Lab(model, data{options})
lab
"""
FAMILIES = {  # what its lab shows, the kind of its picture, a live knob, and words of its status line
    "gan": (
        dict(data="gl.datasets.ring(modes=8, n=4000, seed=1)", model="gl.GAN(data, seed=1)"),
        "points", "lr_g", "of 8 modes",
    ),
    "vae": (
        dict(
            data="gl.datasets.digits()",
            model="gl.VAE(data, latent_dim=2, likelihood='discretised logistic', seed=1)",
        ),
        "latent", "beta", "distance",
    ),
    "autoregressive": (
        dict(data="gl.datasets.names()", model="gl.Autoregressive(data, network='mlp', seed=1)"),
        "text", "lr", "pairs",
    ),
}  # fmt: skip
EACH = pytest.mark.parametrize("family", FAMILIES)


def cell_of(family, options=""):
    return CELL.format(**FAMILIES[family][0], options=options)


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


def seen(lab):
    """What the picture shows, as something to compare."""
    picture = lab.root.locator(".picture")
    if lab.kind == "text":
        return picture.inner_text()
    return picture.locator("canvas").evaluate("canvas => canvas.toDataURL()")


def value(page, index):
    """Run the cell with this index and read what it gives."""
    run_cell(page, index)
    return ast.literal_eval(output(page, index).inner_text().split("]:")[-1].strip())


def ask(server, method, what, body=None):
    request = urllib.request.Request(f"{server.url}/{what}", method=method, data=body and json.dumps(body).encode())
    request.add_header("Authorization", f"token {server.token}")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read()


@EACH
def test_start_pause_change_a_knob_and_reset(family, page, jupyterlab, record_testsuite_property):
    _, kind, knob, words = FAMILIES[family]
    cells = [cell_of(family, ", pace=None"), WATCH, "[1000 * t for t in stopped]", "lab.model.step", "lab.log"]
    lab = open_lab(page, jupyterlab, f"{family}-knob", *cells)
    assert (lab.kind, lab.step, lab.running) == (kind, "0", "false")
    expect(lab.root.locator(".status")).to_contain_text(words)
    before = seen(lab)
    lab.shot(f"{family}-before")

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
    record_testsuite_property(f"{family}: start to first moving frame, ms", round(first))
    record_testsuite_property(f"{family}: pause, ms", [round(delay) for delay in delays])
    assert 0 < statistics.median(delays) < 150, delays
    assert value(page, 3) == int(lab.step)  # the last frame is that of the last step

    # another cell runs while it learns
    lab.press("Start")
    lab.wait("data.running === 'true'")
    start = time.perf_counter()
    then = value(page, 3)
    record_testsuite_property(f"{family}: another cell, ms", round(1000 * (time.perf_counter() - start)))
    assert lab.running == "true" and value(page, 3) > then

    # a slider by keyboard
    slider = lab.root.get_by_role("slider", name=knob, exact=True)
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    lab.wait("data.marks === '1'")
    [(step, name, old, new)] = value(page, 4)
    assert step > then and name == knob and 0 < new < old
    expect(slider).to_have_attribute("aria-valuetext", f"{new:g}".replace("e-0", "e-"))
    lab.press("Pause")
    lab.wait("data.running === 'false'")
    said = f"document.querySelector('{ROOT} .status').textContent"
    lab.wait(f"{said}.startsWith(`step ${{Number(data.step).toLocaleString('en')}}:`)")
    lab.shot(f"{family}-after")
    assert seen(lab) != before

    if family == "gan":
        lab.press("D only")
        lab.wait("data.marks === '2'")
    else:
        expect(lab.root.get_by_role("button", name="D only")).to_have_count(0)
    lab.press("Reset")
    lab.wait("data.step === '0'")
    assert lab.marks == "1" and value(page, 4) == [(0, knob, old, new)]
    if kind != "text":
        assert page.evaluate(COLOURS, f"{ROOT} .picture canvas") > 50


@pytest.mark.parametrize(("family", "pace"), [("gan", 10), ("gan", 100), ("vae", 10), ("autoregressive", 10)])
def test_the_pace_dial_keeps_its_pace(page, jupyterlab, record_testsuite_property, family, pace):
    lab = open_lab(page, jupyterlab, f"{family}-pace{pace}", cell_of(family, ", pace=1"))
    lab.press("Start")
    lab.root.get_by_role("radio", name=str(pace), exact=True).check(force=True)
    lab.wait("data.step > 5")
    rate = page.evaluate(PACE, 5)
    record_testsuite_property(f"{family}: steps a second at {pace}", round(rate, 2))
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
    told = lab.root.locator(".status").inner_text()
    expect(page.locator(picture)).to_have_attribute("aria-label", f"Samples. {told}")


@EACH
def test_the_view_says_when_the_kernel_is_gone(family, page, jupyterlab):
    lab = open_lab(page, jupyterlab, f"{family}-gone", cell_of(family))
    lab.press("Start")
    lab.wait("data.step > 20")
    assert lab.kernel == "live"
    page.get_by_role("button", name="Restart the kernel", exact=True).click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    lab.wait("data.kernel === 'none'")
    expect(lab.root.locator(".status")).to_contain_text("No kernel")
    lab.shot(f"{family}-no-kernel")
    lab.press("Pause")  # asks nobody, and breaks nothing
    page.locator(f"{CODE_CELL} .cm-content").first.click()
    page.keyboard.press("Control+Enter")
    lab.wait("data.kernel === 'live' && data.step === '0'")
    lab.press("Start")
    lab.wait("data.step > 5")


@EACH
def test_two_views_a_reload_and_a_frame_of_another_version(family, page, jupyterlab):
    foreign = "lab._bench.stage.frame = b'\\x09' + lab._bench.stage.frame[1:]"
    lab = open_lab(page, jupyterlab, f"{family}-again", cell_of(family), "lab", foreign)
    views = page.locator(ROOT)
    expect(views).to_have_count(2)
    views.nth(1).get_by_role("button", name="Start", exact=True).click()
    lab.wait("data.step > 20")
    save(page)  # from a button of the lab: JupyterLab's own keys still work
    page.reload()
    lab = Seen(page)
    step = int(lab.step)
    lab.wait(f"data.running === 'true' && data.step > {step}")
    lab.press("Pause")
    lab.wait("data.running === 'false'")
    wait_idle(page)
    run_cell(page, 2)
    expect(lab.root.locator(".status")).to_contain_text("This frame has version 9, and this page reads version 1")
    lab.press("Step")
    expect(lab.root.locator(".status")).to_contain_text("step ")


@EACH
def test_narrow_dark_keyboard_and_reduced_motion(family, page, jupyterlab):
    themes = "lab/api/settings/@jupyterlab/apputils-extension:themes"
    ask(jupyterlab, "PUT", themes, {"raw": json.dumps({"theme": "JupyterLab Dark"})})
    try:
        lab = open_lab(page, jupyterlab, f"{family}-dark", cell_of(family))
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
        lab.shot(f"{family}-dark")

        page.keyboard.press("Shift+Tab")
        page.locator(".jp-Notebook .jp-Cell").first.click()
        page.keyboard.press("Control+b")  # hides the list of files
        page.set_viewport_size({"width": 390, "height": 1400})
        page.wait_for_timeout(600)
        lab.shot(f"{family}-narrow")
        box = lab.root.bounding_box()
        assert 200 < box["width"] < 390
        for control in lab.root.locator("button, canvas, input[type=range], .pace span").filter(visible=True).all():
            inner = control.bounding_box()
            assert inner["width"] > 20 and inner["x"] >= box["x"] - 1
            assert inner["x"] + inner["width"] <= box["x"] + box["width"] + 1
    finally:
        ask(jupyterlab, "PUT", themes, {"raw": "{}"})


@EACH
def test_after_a_click_shift_enter_goes_on_in_the_notebook(family, page, jupyterlab):
    lab = open_lab(page, jupyterlab, f"{family}-goes-on", cell_of(family), "'next'")
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


MAP = """
import genlab as gl
data = gl.datasets.digits()
lab = gl.Lab(gl.VAE(data, latent_dim=2, likelihood="discretised logistic", seed=1), data)
lab.run(steps=300)
lab
"""


def test_a_walk_in_the_latent_map(page, jupyterlab):
    lab = open_lab(page, jupyterlab, "map", MAP, "lab._bench.screen.picture.way")
    canvas = lab.root.locator(".picture canvas")
    box, before = canvas.bounding_box(), seen(lab)
    side = box["width"]
    page.mouse.move(box["x"] + side / 4, box["y"] + side / 4)
    page.mouse.down()
    page.mouse.move(box["x"] + side * 3 / 4, box["y"] + side / 2, steps=6)
    page.mouse.up()
    page.wait_for_timeout(500)
    assert seen(lab) != before
    wait_idle(page)
    [start, end] = value(page, 1)
    reach = -2 * start[0]  # pressed a quarter from the left: half of the way from the middle to the edge
    assert start == pytest.approx([-reach / 2, reach / 2], abs=0.1) and end == pytest.approx([reach / 2, 0], abs=0.1)
    lab.shot("map-walk")

    canvas.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(500)
    assert value(page, 1)[1] == pytest.approx([end[0] - reach / 20, end[1] + reach / 20], abs=0.01)
    canvas.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    [start, end] = value(page, 1)
    assert start == end
    lab.press("Start")  # the hand may walk while it learns
    lab.wait("data.running === 'true' && data.step > 320")
    page.mouse.move(box["x"] + side / 2, box["y"] + side / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + side / 2, box["y"] + side / 3, steps=20)
    page.mouse.up()
    step = int(lab.step)
    lab.wait(f"data.step > {step + 50}")


TEXT = """
import genlab as gl
data = gl.datasets.names()
lab = gl.Lab(gl.Autoregressive(data, network="transformer", conditional=True, seed=1), data)
lab.run(steps=150)
lab
"""


def test_a_name_symbol_by_symbol(page, jupyterlab):
    view = "lab._bench.screen.picture"
    lab = open_lab(page, jupyterlab, "text", TEXT, f"({view}.prefix, {view}.temperature, {view}.label)")
    cells = page.locator(".jp-Notebook .jp-Cell")
    many = cells.count()
    field = lab.root.get_by_role("textbox", name="Beginning of a text")
    odds = lab.root.locator("button.odds")
    assert odds.count() == 12
    first = odds.first.get_attribute("aria-label")
    field.press_sequentially("Dadd!a")  # what is no symbol is left out, and the notebook's keys d d and a stay quiet
    expect(field).to_have_value("dadda")
    expect(odds.first).not_to_have_attribute("aria-label", first)
    assert cells.count() == many
    expect(lab.root.locator(".layers > div")).to_have_count(2)
    assert lab.root.locator(".layers > div").first.locator("span").count() == 6  # the start and five symbols
    field.fill("mar")
    page.wait_for_timeout(500)
    lab.shot("text")
    likeliest = odds.first.locator(".symbol").inner_text()
    odds.first.click()
    if likeliest == "end":
        expect(lab.root.locator(".note")).to_contain_text("ends here")
    else:
        expect(field).to_have_value("mar" + likeliest)
    lab.root.get_by_role("button", name="Clear").click()
    for _ in range(3):
        lab.root.get_by_role("button", name="Draw").click()
        page.wait_for_timeout(400)
    assert field.input_value() or "ends" in lab.root.locator(".note").inner_text()

    texts = lab.root.locator(".texts li").all_inner_texts()
    heat = lab.root.get_by_role("slider", name="temperature")
    heat.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(800)
    lab.root.get_by_role("combobox", name="label").select_option("1")
    page.wait_for_timeout(800)
    assert lab.root.locator(".texts li").all_inner_texts() != texts
    prefix, temperature, label = value(page, 1)
    assert prefix == field.input_value() and temperature == pytest.approx(0.5) and label == 1
    lab.press("Start")
    lab.wait("data.running === 'true' && data.step > 155")
    field.fill("jo")
    page.wait_for_timeout(1000)
    assert lab.running == "true" and field.input_value() == "jo"
