"""The pages in a real browser: clicks, keys, no script, paper, accessibility, and pictures of them to be looked at.

The pictures go to the folder `PAGE_SHOTS` names, or nowhere.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import MISSING, NO_AXE, axe, chromium, emulate, programs, screenshot
from made import REPORTS, channels, graded, lock_of, made_pages, page_of

from grader.exercises.cases import case_arrays, case_cell, case_operator
from grader.judging.illustrate import student_page
from grader.ops.base import number

LOOKED_AT = ("right", "flipped", "channels", "hostile", "class", "exercise")
selenium = pytest.importorskip("selenium", reason="no selenium here: `pip install --group dev`")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(programs() is None, reason=MISSING),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # selenium's own sockets
]


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write a page of each kind."""
    folder = tmp_path_factory.mktemp("pages")
    return {name: write(folder, name, text) for name, text in made_pages().items()}


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.html"
    path.write_text(text, encoding="utf-8")
    return path


def visit(driver: Any, path: Path, **how: Any) -> None:
    """Load a page. Whatever the browser has to complain about, a refused script for example, is a failure."""
    emulate(driver, **how)
    driver.get_log("browser")
    driver.get(path.as_uri())
    assert driver.get_log("browser") == []


def find(driver: Any, selector: str) -> list[Any]:
    from selenium.webdriver.common.by import By

    return list(driver.find_elements(By.CSS_SELECTOR, selector))


def words(driver: Any, selector: str) -> list[str]:
    """Return the texts of some elements as they stand, also of those that are folded up."""
    script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)"
    return list(driver.execute_script(script, selector))


@pytest.mark.parametrize("name", ["flipped", "stride", "pooled"])
def test_a_click_on_each_cell_shows_its_arithmetic(driver: Any, pages: dict[str, Path], name: str) -> None:
    visit(driver, pages[name])
    report = graded(name)
    exercise = lock_of(report.exercise).exercise
    drawn = student_page(report, lock_of(report.exercise)).pictures
    open_ = next(iter(drawn))
    case = next(case for case in exercise.cases if case.name == open_)
    op = case_operator(exercise, case)
    answer = op(*case_arrays(case, op))
    cells = find(driver, "details[open] .picture .expected td")
    assert len(cells) == answer.size
    for flat, cell in enumerate(cells):
        cell.click()
        at = (flat // answer.shape[1], flat % answer.shape[1])
        worked = case_cell(exercise, case, at, "output")
        box = "details[open] .picture"
        assert words(driver, f"{box} .ours .text") == [worked.text]
        assert words(driver, f"{box} .ours .value") == [number(worked.value)]
        assert words(driver, f"{box} .place") == [f"output[{at[0]}, {at[1]}]"]
        marked = driver.execute_script(
            "return [...document.querySelectorAll('details[open] .picture .inputs td')]"
            ".map((e, i) => e.classList.contains('in') ? i : -1).filter((i) => i >= 0)"
        )
        step = drawn[open_].steps[flat]
        assert step is not None
        assert marked == list(step.window)
        sums = words(driver, f"{box} .run li")
        assert sums[-1].split(" = ")[-1] == number(worked.value)


def test_the_channels_products_follow(driver: Any, pages: dict[str, Path]) -> None:
    visit(driver, pages["channels"])
    lock = channels()
    case = lock.exercise.cases[0]
    cells = find(driver, ".picture .expected td")
    cells[-1].click()
    worked = case_cell(lock.exercise, case, (1, 1, 3), "output")
    assert words(driver, ".ours .text") == [worked.text]
    assert " + ".join(words(driver, ".products td span")) == worked.text.rpartition(" + ")[0]
    assert len(words(driver, ".products table")) == 3


def test_the_keyboard_reaches_and_moves_everything(driver: Any, pages: dict[str, Path]) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    visit(driver, pages["flipped"])
    wanted = driver.execute_script(
        "return [...document.querySelectorAll('a, button, summary, input, [tabindex=\"0\"]')]"
        ".filter((e) => e.checkVisibility({visibilityProperty: true})).length"
    )
    reached = set()
    for _ in range(wanted + 5):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        here = driver.execute_script("return document.activeElement")
        if here.tag_name != "body":  # beyond the last
            reached.add(here.id)
            assert driver.execute_script("return getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert len(reached) == wanted
    cell = find(driver, "details[open] .expected td[tabindex='0']")[0]
    for key, place in (
        (Keys.HOME, "output[0, 0]"),
        (Keys.RIGHT, "output[0, 1]"),
        (Keys.DOWN, "output[1, 1]"),
        (Keys.LEFT, "output[1, 0]"),
        (Keys.UP, "output[0, 0]"),
        (Keys.UP, "output[0, 0]"),
        (Keys.END, "output[3, 3]"),
    ):
        cell.send_keys(key)
        assert words(driver, "details[open] .picture .place") == [place]
        cell = driver.execute_script("return document.activeElement")
        assert cell.get_attribute("aria-selected") == "true"


def test_step_back_play_and_pause(driver: Any, pages: dict[str, Path]) -> None:
    visit(driver, pages["flipped"])
    box = "details[open] .picture"
    back, play, step = find(driver, f"{box} .controls button")
    before = words(driver, f"{box} .place")
    step.click()
    assert words(driver, f"{box} .place") != before
    back.click()
    assert words(driver, f"{box} .place") == before
    play.click()
    assert play.text == "Pause"
    assert words(driver, f"{box} .place") != before
    play.click()
    assert play.text == "Play"
    visit(driver, pages["flipped"], still=True)
    assert not find(driver, f"{box} .play")[0].is_displayed()
    assert find(driver, f"{box} .next")[0].is_displayed()


def test_without_a_script_the_first_wrong_cell_is_a_still_picture(pages: dict[str, Path]) -> None:
    with chromium(javascript=False) as driver:
        visit(driver, pages["flipped"])
        box = find(driver, "details[open] .picture")[0]
        assert not find(driver, "details[open] .controls")[0].is_displayed()
        assert find(driver, "details[open] .expected td.here")
        assert len(find(driver, "details[open] .inputs td.in")) == 9
        assert "4×1 + 1×1 + 3×0 + 1×1 + 4×1 + 2×0 + 0×1 + 4×0 + 3×1 = 13" in box.text
        find(driver, "details:not([open]) summary")[0].click()  # folding needs no script


def test_it_prints(driver: Any, pages: dict[str, Path]) -> None:
    visit(driver, pages["flipped"])
    paper = base64.b64decode(driver.print_page())
    assert paper.startswith(b"%PDF")
    assert 1 <= paper.count(b"/Type /Page\n") <= 6


@pytest.mark.parametrize("width", [390, 640, 1280])  # 640 is 1280 at 200 %
def test_no_page_scrolls_sideways(driver: Any, pages: dict[str, Path], width: int) -> None:
    for path in pages.values():
        visit(driver, path, width=width)
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width, path.stem


def test_hostile_texts_do_nothing(driver: Any, pages: dict[str, Path]) -> None:
    visit(driver, pages["hostile"])
    assert driver.execute_script("return document.querySelectorAll('img, iframe, b > script').length") == 0
    assert driver.title == f"ex1 · {REPORTS['hostile'].title}"[: len(driver.title)]


@pytest.mark.skipif(axe() is None, reason=NO_AXE)
def test_axe_finds_nothing(driver: Any, pages: dict[str, Path]) -> None:
    """All rules in the light; in the dark, on a page of each kind, those about contrast."""
    for path in pages.values():
        visit(driver, path, still=True)
        driver.execute_script("document.querySelectorAll('details').forEach((e) => { e.open = true })")
        driver.execute_cdp_cmd("Runtime.evaluate", {"expression": axe()})
        assert violations(driver, "axe.run()") == []
        if path.stem not in LOOKED_AT:
            continue
        emulate(driver, dark=True, still=True)
        assert violations(driver, "axe.run({runOnly: ['color-contrast']})") == []


def violations(driver: Any, run: str) -> list[tuple[str, str, str]]:
    """Return the rules that are broken, each with the first element that breaks it."""
    found = driver.execute_async_script(f"{run}.then(arguments[0])")["violations"]
    return [(v["id"], v["nodes"][0]["html"][:200], v["nodes"][0]["failureSummary"]) for v in found]


@pytest.mark.skipif("PAGE_SHOTS" not in os.environ, reason="`PAGE_SHOTS=folder` keeps pictures of the pages")
def test_pictures_to_look_at(driver: Any, pages: dict[str, Path]) -> None:
    folder = Path(os.environ["PAGE_SHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    for name in LOOKED_AT:
        for width in (390, 1280):
            for dark in (False, True):
                visit(driver, pages[name], width=width, dark=dark)
                screenshot(driver, folder / f"{name}-{width}-{'dark' if dark else 'light'}.png")


def test_the_pages_are_those_of_the_package(pages: dict[str, Path]) -> None:
    assert pages["flipped"].read_text(encoding="utf-8") == page_of("flipped")
