"""The report's page in a browser: on a desk, a phone and paper, in light and dark, without a request or an error."""

import re

import pytest
from example_report import EVIL, example

from genlab.tables.reporting import report

pytestmark = pytest.mark.browser

CONTRAST = """() => {
  const light = text => { const [r, g, b] = text.match(/[\\d.]+/g).map(Number).map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b }
  const plain = color => { const c = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    c.fillStyle = color; c.fillRect(0, 0, 1, 1); return `rgb(${[...c.getImageData(0, 0, 1, 1).data].slice(0, 3)})` }
  const bad = []
  for (const el of document.querySelectorAll("body *")) {
    if (![...el.childNodes].some(n => n.nodeType == 3 && n.data.trim()) || !el.checkVisibility()) continue
    let at = el, behind = "rgba(0, 0, 0, 0)"
    while (at && behind == "rgba(0, 0, 0, 0)") { behind = getComputedStyle(at).backgroundColor; at = at.parentElement }
    const [a, b] = [plain(getComputedStyle(el).color), plain(behind)].map(light)
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05)
    if (ratio < 4.5) bad.push(`${el.tagName} "${el.textContent.slice(0, 30)}": ${ratio.toFixed(2)}`)
  }
  return bad
}"""
WIDE = """() => [...document.querySelectorAll("body *")].filter(el => !el.closest(".scroll, svg, .unseen, details")
  && el.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(el => el.outerHTML.slice(0, 80))"""


@pytest.fixture
def opened(page, tmp_path):
    """Open the page of a report from a file; any request but the one for it is a problem."""

    def call(found=None, **media):
        path = tmp_path / "report.html"
        report.write(found or example(warnings=[EVIL]), path)
        page.emulate_media(**media)
        page.on(
            "request", lambda request: request.url != path.as_uri() and page.problems.append(f"request: {request.url}")
        )
        page.goto(path.as_uri())
        page.problems[:] = [problem for problem in page.problems if problem != f"outside: {path.as_uri()}"]
        return page

    return call


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_it_is_readable_on_every_screen(opened, scheme, width):
    page = opened(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(WIDE) == []
    assert page.evaluate(CONTRAST) == []
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(20, 23, 26)"
    assert dark == (scheme == "dark")


def test_the_first_screen_answers_three_questions(opened):
    page = opened()
    cards = page.locator("#short .card")
    assert cards.count() == 3
    assert [cards.nth(i).locator(".answer").inner_text() for i in range(3)] == ["Mostly", "Yes", "None found"]
    assert max(cards.nth(i).locator(".answer").bounding_box()["y"] for i in range(3)) < 900
    assert page.locator(".mark").inner_text().lower() == "synthetic"
    assert page.title().startswith("A synthetic table")


def test_its_figures_speak_and_its_names_stay_names(opened):
    page = opened()
    figures = page.locator("svg[role=img]")
    assert figures.count() == len(example().scores) * 2 + len(example().attacks)
    assert (
        page.get_by_role(
            "img", name=re.compile(r"pair trends: 0\.954; 95 % interval 0\.951 to 0\.957; columns")
        ).count()
        == 2
    )
    assert page.evaluate("document.scripts.length") == 0
    assert page.get_by_role("rowheader", name="<script>alert('x')</script>").count() >= 1
    assert page.get_by_role("columnheader", name="Excess risk").count() == 1


def test_no_script_would_run_even_if_one_came_in(opened):
    page = opened()
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=http://192.0.2.1/x onerror=\"window.ran = 1\">')"
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in problem for problem in page.problems)
    page.problems[:] = [
        problem for problem in page.problems if "Content Security Policy" not in problem and "192.0.2.1" not in problem
    ]


def test_wide_tables_scroll_by_keyboard(opened):
    page = opened()
    page.set_viewport_size({"width": 390, "height": 800})
    frame = page.get_by_role("region", name="Attacks")
    frame.focus()
    page.keyboard.press("ArrowRight")
    for _ in range(100):  # wait_for_function would need eval, which the page forbids
        if page.evaluate("document.activeElement.scrollLeft") > 0:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the table of attacks did not scroll")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_part_begins_a_sheet_and_paper_is_white(opened, scheme):
    page = opened(media="print", color_scheme=scheme)
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    breaks = [
        page.locator(f"#{part}").evaluate("el => getComputedStyle(el).breakBefore")
        for part in ("short", "lawyer", "detail")
    ]
    assert breaks == ["auto", "page", "page"]
    assert not page.locator("nav").is_visible()
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    sheets = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert 3 <= sheets <= 7
    assert re.search(rb"/MediaBox\s*\[0 0 59[45]\.\d+ 84[12]\.\d+\]", paper)  # A4 in points


def test_without_rows_held_out_the_card_says_so(opened):
    page = opened(example(holdout=False))
    assert page.locator("#short .card").nth(2).locator(".answer").inner_text() == "Not measured"
    assert page.locator(".attacks").count() == 0
