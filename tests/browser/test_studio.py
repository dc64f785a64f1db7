"""The studio and the hiding form in real JupyterLab: from a file to files on the reader's disk, by mouse and by key alone.

Set GENLAB_SHOTS to keep pictures.
"""

import csv
import importlib.util
import io
import json
import os
from pathlib import Path

import pytest
from notebook_page import open_notebook, output, run_all, write_notebook
from playwright.sync_api import expect
from test_lab import ask

pytestmark = pytest.mark.browser

STUDIO = "from genlab import tables\nform = tables.studio()\nform"
EVIL = '<img src=x onerror="window.ran = 1">'
HIDE = """
import numpy as np, pandas as pd
from genlab import tables
rng = np.random.default_rng(1)
df = pd.DataFrame({"age": rng.integers(18, 70, 400), "town": rng.choice(["Ulm", EVIL], 400), EVIL: rng.choice(["a", "b"], 400)})
form = tables.find_me(df, known=["age"])
form
""".replace("EVIL", repr(EVIL))
THEMES = "lab/api/settings/@jupyterlab/apputils-extension:themes"
ROOT = ".genlab-studio"


def survey(rows=160, header="town", cell="Ulm"):
    """A small survey as the bytes of a CSV file."""
    text = io.StringIO()
    write = csv.writer(text)
    write.writerow(["age", header, "vote"])
    for i in range(rows):
        write.writerow(
            [20 + i * 7 % 50, [cell, "Bonn", "=1+1"][i % 3], ["left", "right"][(i * 7 % 50 > 25) ^ (i % 11 == 0)]]
        )
    return text.getvalue().encode()


def opened(page, server, name, cell):
    write_notebook(server.folder / f"{name}.ipynb", cell)
    open_notebook(page, server, f"{name}.ipynb")
    run_all(page)
    root = output(page, 0).locator(ROOT).first
    root.wait_for(timeout=60_000)
    return root


def send(root, name, data):
    with root.page.expect_file_chooser() as chooser:
        root.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files({"name": name, "mimeType": "text/csv", "buffer": data})


def saved(page, root, words, row="trees"):
    with page.expect_download() as waiting:
        root.get_by_role("button", name=f"{words}: {row}", exact=True).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def shot(page, name):
    if os.environ.get("GENLAB_SHOTS"):
        for number, top in enumerate((0, 700, 1400)):
            page.evaluate(f"document.querySelector('.jp-WindowedPanel-outer').scrollTop = {top}")
            page.wait_for_timeout(200)
            page.screenshot(path=f"{os.environ['GENLAB_SHOTS']}/{name}-{number}.png")


def violations(page):
    """What axe finds serious or critical inside the forms of a page."""
    found = importlib.util.find_spec("axe_core_python")
    page.evaluate((Path(found.submodule_search_locations[0]) / "axe.min.js").read_text("utf-8"))
    result = json.loads(page.evaluate("async root => JSON.stringify((await axe.run(root)).violations)", ROOT))
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in result
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def test_from_a_file_to_a_downloaded_report(page, jupyterlab, tmp_path):
    root = opened(page, jupyterlab, "studio", STUDIO)
    shot(page, "studio-empty")
    send(root, "broken.csv", b"PK\x03\x04 no Excel file at all")
    expect(root.get_by_role("alert").first).to_contain_text("broken.csv")
    expect(root.get_by_role("alert").first).to_contain_text("broken or cut short")
    assert "/tmp" not in root.get_by_role("alert").first.inner_text()
    send(root, "votes.csv", survey())
    expect(root.get_by_role("status").first).to_contain_text("votes.csv: 160 rows, 3 columns", timeout=20_000)
    expect(root.get_by_role("alert").first).to_be_empty()
    root.get_by_label("column to predict").select_option("vote")
    root.get_by_role("checkbox", name="an attacker may know age").check()
    root.get_by_role("button", name="Start", exact=True).click()
    expect(root.get_by_text("This will take about")).to_be_visible(timeout=60_000)
    expect(root.get_by_role("progressbar", name="trees")).to_be_visible()
    expect(root.get_by_text("were foretold")).to_be_visible(timeout=120_000)
    shot(page, "studio-done")
    name, html = saved(page, root, "Report")
    assert (
        name == "report.html"
        and b"<script" not in html
        and b"80 synthetic rows" not in html
        and b"160 synthetic rows" in html
    )
    name, table = saved(page, root, "Table")
    rows = list(csv.reader(io.StringIO(table.decode())))
    assert name == "synthetic.csv" and rows[0] == ["age", "town", "vote"] and len(rows) == 161
    assert {row[1] for row in rows[1:]} == {"Ulm", "Bonn", "'=1+1"}
    name, script = saved(page, root, "Python")
    assert name == "synthetic.py" and b"tables.read('votes.csv')" in script
    name, card = saved(page, root, "Card")
    assert json.loads(card)["rows"] == 160
    root.get_by_role("button", name="Show report: trees").click()
    frame = root.locator("iframe").content_frame
    expect(frame.locator("#short")).to_be_visible(timeout=20_000)
    shot(page, "studio-report")
    assert violations(page) == []
    page.problems[:] = [problem for problem in page.problems if "srcdoc" not in problem]


def test_no_script_in_a_header_or_a_cell_runs_and_dark_is_readable(page, jupyterlab, request):
    ask(jupyterlab, "PUT", THEMES, {"raw": json.dumps({"theme": "JupyterLab Dark"})})
    request.addfinalizer(lambda: ask(jupyterlab, "PUT", THEMES, {"raw": "{}"}))
    root = opened(page, jupyterlab, "studio-evil", STUDIO)
    send(root, f"{EVIL.replace('/', '')}.csv", survey(header=EVIL, cell=EVIL))
    expect(root.get_by_role("status").first).to_contain_text("160 rows, 3 columns", timeout=20_000)
    root.get_by_label("column to predict").select_option("vote")
    root.get_by_role("button", name="Start", exact=True).click()
    expect(root.get_by_text("were foretold")).to_be_visible(timeout=120_000)
    root.get_by_role("button", name="Show report: trees").click()
    expect(root.locator("iframe").content_frame.locator("#short")).to_be_visible(timeout=20_000)
    _, html = saved(page, root, "Report")
    assert b"&lt;img" in html and b"<img src=x" not in html
    assert page.evaluate("window.ran") is None and page.locator("img[src=x]").count() == 0
    assert root.get_by_text("<img").count() >= 1  # it is there, as text
    assert violations(page) == []
    shot(page, "studio-evil")


def test_by_key_alone(page, jupyterlab):
    cell = STUDIO.replace("studio()", "studio(df)").replace(
        "form =",
        "import pandas as pd\ndf = pd.DataFrame({'age': [20 + i % 40 for i in range(120)], 'b': ['x', 'y'] * 60})\nform =",
        1,
    )
    root = opened(page, jupyterlab, "studio-keys", cell)
    root.locator("input[type=text]").first.focus()
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("document.activeElement.textContent || document.activeElement.ariaLabel || ''").strip()
        )
        if seen[-1] == "Start":
            break
    assert seen[-1] == "Start", seen
    page.keyboard.press("Enter")
    expect(root.get_by_text("were foretold")).to_be_visible(timeout=120_000)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.ariaLabel") == "Table: trees":
            break
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename == "synthetic.csv"


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_hide_yourself_and_hunt_yourself(theme, page, jupyterlab):
    ask(jupyterlab, "PUT", THEMES, {"raw": json.dumps({"theme": theme})})
    try:
        root = opened(page, jupyterlab, f"hide-{theme[-4:]}", HIDE)
        root.get_by_role("button", name="Hide me and hunt me").click()
        expect(root.get_by_role("alert")).to_contain_text("'age' has no answer")
        root.get_by_role("textbox", name="age", exact=True).fill("99")
        root.get_by_role("combobox", name="town", exact=True).select_option("Ulm")
        root.get_by_role("button", name="Hide me and hunt me").click()
        expect(root.get_by_role("status")).to_contain_text("Done: 20 files of 400 rows", timeout=120_000)
        expect(root.get_by_role("status")).to_contain_text("given away by: small leaves and rare values.")
        expect(root.get_by_role("rowheader", name="took part: a row has age")).to_be_visible()
        expect(root.get_by_text("Nothing is stored")).to_be_visible()
        shot(page, f"hide-{theme[-4:]}")
        assert page.evaluate("window.ran") is None and page.locator("img[src=x]").count() == 0
        assert violations(page) == []
        root.get_by_role("button", name="Forget me").click()
        expect(root.get_by_role("status")).to_contain_text("Forgotten")
        expect(root.get_by_role("textbox", name="age", exact=True)).to_have_value("")
        assert root.get_by_role("rowheader").count() == 0
        page.set_viewport_size({"width": 420, "height": 1000})
        shot(page, f"hide-narrow-{theme[-4:]}")
    finally:
        ask(jupyterlab, "PUT", THEMES, {"raw": "{}"})
