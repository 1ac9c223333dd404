"""Two programs side by side: all lines of both are there, in order, whatever is in them."""

from __future__ import annotations

import io

import pytest
from conftest import DATA
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from grader.model.class_ import Similar
from grader.model.page import Programs
from grader.output.side_by_side import MOST_LINES, Pair, rows

ORIGINAL, COPY = (
    (DATA / "similar" / f"{name}.py").read_text(encoding="utf-8") for name in ("original", "renamed-and-one-line")
)
PARTLY = Similar((("1",), ("2",)), "partly", 30, 40, 20, 60, 99.0, names={"1": "Ann"})
LINES = st.lists(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=20), max_size=12)


def printed(programs: Programs, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(Pair(programs))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_renamed_line_stands_beside_its_original() -> None:
    found = rows(ORIGINAL, COPY)
    beside = {row.left.strip(): row.right.strip() for row in found if row.same and row.left and row.right}
    assert beside["for row in range(height):"] == "for y in range(h):"
    assert beside["return result"] == "return ergebnis"
    assert [row.right.strip() for row in found if row.left is None and row.right] == ["oben = int(oben)"]


@given(LINES, LINES)
def test_no_line_is_lost_or_moved(one: list[str], two: list[str]) -> None:
    found = rows("\n".join(one), "\n".join(two))
    for lines, side in ((one, [row.left for row in found]), (two, [row.right for row in found])):
        text = "\n".join(lines).splitlines()
        assert [line.rstrip() for line in side if line is not None] == [line.rstrip() for line in text]


@pytest.mark.parametrize(
    "text",
    ["x = 1\n" * 50_000, "x" * 1_000_000, "'''" * 100_000, "\x1b[2J\u202e\n::error::x", "(" * 100_000, ""],
    ids=["long", "wide", "quotes", "escapes", "brackets", "empty"],
)
def test_no_program_takes_long_or_commands_the_terminal(text: str) -> None:
    found = rows(text, ORIGINAL)
    assert len(found) <= 2 * MOST_LINES + 2
    shown = printed(Programs(PARTLY, text, ORIGINAL), 100)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "::error" not in shown


def test_a_narrow_terminal_shows_one_below_the_other() -> None:
    programs = Programs(PARTLY, ORIGINAL, COPY)
    wide, narrow = printed(programs, 140), printed(programs, 60)
    assert any("return result" in line and "return ergebnis" in line for line in wide.splitlines())
    assert not any("return result" in line and "return ergebnis" in line for line in narrow.splitlines())
    assert narrow.index("Ann (1)\n") < narrow.index("return result") < narrow.index("return ergebnis")


def test_equal_texts_are_shown_once() -> None:
    text = Similar((("1", "2"),), "text", 30, 30, 30, 60, 99.0)
    shown = printed(Programs(text, ORIGINAL), 140)
    assert shown.count("return result") == 1
    assert "equal byte for byte" in shown
