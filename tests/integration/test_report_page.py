"""The pages of reports and leaderboards in Chromium: widths, themes, filters, keyboard, no scripts."""

import csv
import shutil
from dataclasses import replace

import pytest

from builders import predictions
from mien.evaluation.leaderboard.entrants import Entrant
from mien.evaluation.leaderboard.files import leaderboard_page
from mien.evaluation.leaderboard.ranked import leaderboard
from mien.evaluation.page import report_page
from mien.evaluation.scoring import evaluate
from mien.evaluation.sections.base import ReportData
from mien.evaluation.sections.order import sections_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

GIVEN = predictions(140)
WRONG = int((~GIVEN.correct).sum())
GROUPS = {"age": ["old" if row % 4 else "young" for row in range(140)]}


@pytest.fixture(scope="module")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    data = ReportData(GIVEN, evaluate(GIVEN), groups=GROUPS)
    (folder / "report.html").write_text(report_page(data, sections_of(data), {}), encoding="utf-8")
    others = [replace(GIVEN, system=name) for name in ("a long name of a system", "b", "c", "d", "e")]
    board = leaderboard([Entrant(one, "CSV") for one in others])
    (folder / "board.html").write_text(leaderboard_page(board), encoding="utf-8")
    return folder


@pytest.fixture
def opened(chromium, pages):
    """A function that opens a page, and fails at the end if a script had an error."""
    contexts, errors = [], []

    def open_page(name="report.html", **options):
        contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(120_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((pages / "report.html").as_uri().replace("report.html", name))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def background(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("name", ["report.html", "board.html"])
def test_pages_fit_every_width_in_both_themes(opened, name):
    page = opened(name)
    colors = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colors[scheme] = background(page)
        for width in (360, 768, 1440):
            page.set_viewport_size({"width": width, "height": 300})
            assert page.evaluate("document.documentElement.scrollWidth") == width
    for scheme in ("light", "dark"):  # chosen, whatever the system has
        page.click(".theme")
        assert background(page) == colors[scheme]


def test_faces_are_filtered_and_shown_in_detail(opened):
    page = opened()
    count = page.locator(".count")
    assert count.inner_text().startswith("140 of 140 faces")
    page.select_option("[name=result]", "wrong")
    assert count.inner_text().startswith(f"{WRONG} of 140 faces: 0.0 % correct")
    page.select_option("[name=group0]", label="young")
    wrong = [row for row in range(0, 140, 4) if not GIVEN.correct[row]]
    assert count.inner_text().startswith(f"{len(wrong)} of 140")
    page.reload()
    assert count.inner_text().startswith(f"{len(wrong)} of 140")  # the address holds the filters
    page.fill("[name=low]", "101")
    assert "no face matches" in count.inner_text()
    page.click("[type=reset]")
    page.wait_for_function("document.querySelector('.count').textContent.startsWith('140')")

    first = GIVEN.ids[GIVEN.confidence.argmax()]
    page.focus(".faces button")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert f"id {first}" in page.inner_text(".detail")
    page.keyboard.press("ArrowRight")
    assert "2 of 140" in page.inner_text(".detail")
    page.keyboard.press("Escape")
    assert page.locator(".detail").is_hidden()
    assert (
        page.evaluate("[...document.querySelectorAll('.faces button')].indexOf(document.activeElement)") == 1
    )


@pytest.mark.parametrize("close", ["Escape", "button"])
def test_the_face_that_was_shown_last_has_the_focus_at_once(opened, close):
    page = opened(viewport={"width": 600, "height": 800})  # 30 faces at a time
    page.click(".faces button")
    found = page.evaluate(
        """close => {
            const dialog = document.querySelector(".detail");
            for (let step = 0; step < 31; step++) dialog.querySelector("[name=after]").click();
            if (close === "button") dialog.querySelector("[name=close]").click();
            else dialog.dispatchEvent(new KeyboardEvent("keydown", {key: close, cancelable: true}));
            const buttons = [...document.querySelectorAll(".faces button")];
            return [dialog.open, buttons.indexOf(document.activeElement)];
        }""",
        close,
    )
    assert found == [False, 1]
    assert page.inner_text(".pages span") == "page 2 of 5"


def test_a_cell_shows_its_faces_which_can_be_saved(opened):
    page = opened()
    cell = page.locator(".confusion td.wrong a").first
    label, guess = (int(cell.get_attribute(f"data-{name}")) for name in ("label", "predicted"))
    cell.press("Enter")
    rows = [row for row in range(140) if (GIVEN.labels[row], GIVEN.predicted[row]) == (label, guess)]
    assert page.locator(".faces li").count() == len(rows)
    with page.expect_download() as download:
        page.click("[name=save]")
    with download.value.path().open(newline="") as stream:
        assert {row["id"] for row in csv.DictReader(stream)} == {str(GIVEN.ids[row]) for row in rows}


def test_without_scripts_cells_lead_to_faces(opened):
    page = opened(java_script_enabled=False)
    link = page.locator(".confusion td.wrong a").first
    target = link.get_attribute("href")
    assert page.locator(target).count() == 1
    assert page.locator(f"{target} + p .face").count() > 0
    assert page.locator(".explorer").is_hidden()


def test_a_leaderboard_is_sorted_by_any_column(opened):
    page = opened("board.html")
    heads = page.locator(".board th button")
    heads.nth(1).click()
    names = page.locator(".board td.name").all_inner_texts()
    assert names == sorted(names)
    heads.nth(1).click()
    assert page.locator(".board td.name").all_inner_texts() == names[::-1]
    assert page.locator(".board th").nth(1).get_attribute("aria-sort") == "descending"
