"""The lab in bad company: a slow browser, a stop button, code that breaks, a closed page, hours of running, no mouse."""

import importlib.util
import json
import re
from pathlib import Path

import pytest
from notebook_page import CODE_CELL, output, run_cell, save, wait_idle
from playwright.sync_api import expect
from test_lab import CELL, FAMILIES, ROOT, Seen, ask, cell_of, open_lab, value

pytestmark = pytest.mark.browser

FAST = CELL.format(**FAMILIES["gan"][0], options=", pace=None")
NUMBER = "(lab._bench.screen.number, lab.model.step)"
SLOW_PAINT = """() => {  // every picture takes 400 ms
    const paint = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (react) => paint((time) => {
        const end = performance.now() + (window.slowPaint || 0);
        while (performance.now() < end);
        react(time);
    });
}"""


def kernel_of(server):
    return json.loads(ask(server, "GET", "api/sessions"))[0]["kernel"]["id"]


def test_a_slow_browser_falls_behind_a_little_and_paints_the_newest(page, jupyterlab):
    page.add_init_script(f"({SLOW_PAINT})()")
    lab = open_lab(page, jupyterlab, "slow-browser", FAST, NUMBER)
    lab.press("Start")
    lab.wait("data.step > 50")
    page.evaluate("window.slowPaint = 400")
    page.wait_for_timeout(3000)
    behind = []
    for _ in range(4):
        # read in the kernel what was sent last, and at once on the page what is painted
        sent, _ = value(page, 1)
        behind.append(sent - int(lab.number))
        page.wait_for_timeout(500)
    assert max(behind) <= 12, behind
    page.evaluate("window.slowPaint = 0")
    lab.press("Pause")
    lab.wait("data.running === 'false'")
    wait_idle(page)
    sent, step = value(page, 1)
    lab.wait(f"data.number === '{sent}' && data.step === '{step}'")


def test_the_stop_button_pauses_and_the_lab_stays_usable(page, jupyterlab):
    lab = open_lab(page, jupyterlab, "stop", FAST, "lab.running")
    lab.press("Start")
    lab.wait("data.step > 20")
    ask(jupyterlab, "POST", f"api/kernels/{kernel_of(jupyterlab)}/interrupt")
    lab.wait("data.running === 'false'")
    assert value(page, 1) is False
    step = int(lab.step)
    lab.press("Start")
    lab.wait(f"data.step > {step}")


BREAKS = """import genlab as gl
data = gl.datasets.ring(n=1000, seed=1)
broken = []
def loss_d(real, fake):
    return fake.mean(-1) - real.mean(-1)
def loss_g(fake):
    if broken:
        fake = fake + undefined_name
    return -fake.mean(-1)
lab = gl.Lab(gl.GAN(data, hidden=16, seed=1), data, loss=(loss_d, loss_g), pace=None)
lab
"""
RAISES = """
try:
    lab.set(lr_g=1e-3)
    told = "nothing"
except NameError as error:
    told = str(error)
told
"""


def test_a_mistake_in_ones_own_loss_is_told_with_its_line_and_raised_by_the_next_call(page, jupyterlab):
    lab = open_lab(page, jupyterlab, "mistake", BREAKS, "len(broken)", RAISES)
    lab.press("Start")
    lab.wait("data.step > 20")
    page.locator(CODE_CELL).nth(1).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("broken.append(1)")
    run_cell(page, 1)
    lab.wait("data.running === 'false'")
    said = lab.root.locator(".status")
    expect(said).to_contain_text("in line 8 of loss_g, `fake = fake + undefined_name`: NameError")
    assert "undefined_name" in value(page, 2)
    page.locator(CODE_CELL).nth(1).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("broken.clear()")
    run_cell(page, 1)
    step = int(lab.step)
    lab.press("Start")
    lab.wait(f"data.step > {step + 5}")


def test_a_closed_page_stops_the_sending_and_not_the_learning(page, jupyterlab):
    lab = open_lab(page, jupyterlab, "closed", FAST, NUMBER)
    lab.press("Start")
    lab.wait("data.step > 20")
    save(page)
    address = page.url
    page.goto("about:blank")
    page.wait_for_timeout(6000)
    page.goto(f"{address}?token={jupyterlab.token}")
    lab = Seen(page)
    step, number = int(lab.step), int(lab.number)
    lab.wait(f"data.running === 'true' && data.step > {step}")
    sent, learned = value(page, 1)
    assert number < 12 * 6 and learned > step  # 6 s of frames would be 72


TWO = """
import genlab as gl
data = gl.datasets.ring(n=1000, seed=1)
labs = [gl.Lab(gl.GAN(data, hidden=16, seed=seed), data) for seed in (1, 2)]
from IPython.display import display
display(labs[0]), display(labs[1])
None
"""


def test_two_labs_at_once_keep_to_themselves(page, jupyterlab):
    open_lab(page, jupyterlab, "two", TWO, "[one.model.step for one in labs]", "[one.log for one in labs]")
    first, second = page.locator(ROOT).nth(0), page.locator(ROOT).nth(1)
    for root in (first, second):
        root.get_by_role("button", name="Start", exact=True).click()
    for root in (first, second):
        expect(root).to_have_attribute("data-step", re.compile(r"^\d{3}"), timeout=20_000)
    first.get_by_role("button", name="Pause", exact=True).click()
    expect(first).to_have_attribute("data-running", "false")
    slider = second.get_by_role("slider", name="lr_g", exact=True)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(second).to_have_attribute("data-marks", "1")
    held = int(first.get_attribute("data-step"))
    steps = value(page, 1)
    page.wait_for_timeout(500)
    assert steps[0] == held == value(page, 1)[0] < steps[1] < value(page, 1)[1]
    logs = value(page, 2)
    assert logs[0] == [] and len(logs[1]) == 1


MEMORY = "int(open('/proc/self/statm').read().split()[1]) * 4096 / 1e6"
SLOPE = 3.0  # megabytes a minute at most: the book alone grows by about 0.5 at 600 steps a second


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the kernel's memory from /proc")
@pytest.mark.parametrize("minutes", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_the_kernels_memory_hardly_grows(page, jupyterlab, record_testsuite_property, minutes):
    lab = open_lab(page, jupyterlab, f"memory{minutes}", FAST, MEMORY)
    lab.press("Start")
    page.wait_for_timeout(30_000)  # caches, the first film and the first kept states fill up
    before, step = float(output_of(page, 1)), int(lab.step)
    page.wait_for_timeout(60_000 * minutes)
    slope = (float(output_of(page, 1)) - before) / minutes
    record_testsuite_property(f"MB a minute over {minutes} min", round(slope, 2))
    assert lab.running == "true" and int(lab.step) > step + 1000 * minutes
    assert slope < SLOPE


def output_of(page, index):
    run_cell(page, index)
    return output(page, index).inner_text().split("]:")[-1].strip()


def violations(page):
    """What axe finds serious or critical inside the labs of a page."""
    found = importlib.util.find_spec("axe_core_python")
    script = Path(found.submodule_search_locations[0]) / "axe.min.js"
    page.evaluate(script.read_text("utf-8"))
    result = page.evaluate("async root => JSON.stringify((await axe.run(root)).violations)", ROOT)
    return [
        f"{rule['impact']}: {rule['id']}: {node['html'][:150]} {node.get('failureSummary', '')[:200]}"
        for rule in json.loads(result)
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_no_serious_fault(family, theme, page, jupyterlab):
    themes = "lab/api/settings/@jupyterlab/apputils-extension:themes"
    ask(jupyterlab, "PUT", themes, {"raw": json.dumps({"theme": theme})})
    try:
        lab = open_lab(page, jupyterlab, f"axe-{family}-{theme[-4:]}", cell_of(family))
        lab.press("Step")
        lab.wait("data.step === '1'")
        for fold in lab.root.locator("summary").filter(visible=True).all():
            fold.click()
        found = violations(page)
        assert not found, "\n".join(found)
        lab.root.evaluate("root => root.append(document.createElement('button'))")
        assert "button-name" in "".join(violations(page))  # axe did look
    finally:
        ask(jupyterlab, "PUT", themes, {"raw": "{}"})


def test_the_keyboard_reaches_everything_and_keeps_its_keys(page, jupyterlab):
    lab = open_lab(page, jupyterlab, "keyboard", cell_of("gan"), "lab.model.step")
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    for fold in lab.root.locator("summary").filter(visible=True).all():
        fold.focus()
        page.keyboard.press("Enter")
    lab.press("Step")
    lab.wait("data.step === '1'")
    wanted = lab.root.locator("button:enabled, input:enabled, select, summary, canvas[tabindex]").filter(visible=True)
    names = """elements => elements.filter(e => e.type !== "radio" || e.checked).map(e => e.getAttribute("aria-label")
        || e.textContent || e.closest("label")?.textContent)"""
    wanted = wanted.evaluate_all(names)
    lab.root.get_by_role("button", name="Start", exact=True).focus()
    reached = []
    for _ in range(len(wanted) + 5):
        reached.append(page.evaluate(f"({names})([document.activeElement])[0]"))
        page.keyboard.press("Tab")
    assert [name for name in wanted if name not in reached] == []
    for key in ("d", "d", "a", "b", "x", "z"):  # JupyterLab would delete, add, cut
        lab.root.get_by_role("checkbox", name="pull").focus()
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    for key, radio in (("ArrowRight", "full speed"), ("ArrowLeft", "100")):
        lab.root.locator(".pace input:checked").focus()
        page.keyboard.press(key)
        expect(lab.root.get_by_role("radio", name=radio, exact=True)).to_be_checked()
        page.wait_for_timeout(300)
