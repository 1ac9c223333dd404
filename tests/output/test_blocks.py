"""Indented lines and blocks side by side, at any width."""

from __future__ import annotations

import io
import re

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, Group, RenderableType
from rich.text import Text

from grader.model.report import report_from_json
from grader.output import terminal
from grader.output.blocks import Aligned, Beside, Indented, Quoted
from grader.output.grid import grid

A, B, C = (grid(name, [[1, 2], [3, 4]]) for name in "abc")


def lines(item: RenderableType, width: int) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=width, color_system=None).print(item)
    return file.getvalue().splitlines()


def test_blocks_that_do_not_fit_go_below() -> None:
    assert lines(Beside([A, B, C]), 40) == [
        "a         b         c",
        " 1  2      1  2      1  2",
        " 3  4      3  4      3  4",
    ]
    assert lines(Beside([A, B, C]), 20) == [*lines(Beside([A, B]), 20), "c", " 1  2", " 3  4"]
    assert lines(Beside([A, B]), 10) == ["a", " 1  2", " 3  4", "b", " 1  2", " 3  4"]
    assert lines(Beside([]), 10) == []


def test_every_line_of_a_programs_text_has_a_bar() -> None:
    assert lines(Quoted("one line"), 40) == ["one line"]
    assert lines(Quoted("one line", always=True), 40) == ["│ one line"]
    assert lines(Quoted("a\n  ✓ bias 1"), 40) == ["│ a", "│   ✓ bias 1"]
    assert lines(Indented(Quoted("long " * 9)), 26) == [
        "  │ long long long long",
        "  │ long long long long",
        "  │ long",
    ]


def test_an_indented_text_is_folded_and_has_no_spaces_at_the_ends() -> None:
    text = Text("one two three four five six seven")
    assert lines(Indented(text, 4), 28) == ["    one two three four five", "    six seven"]
    assert lines(Indented(Group(Text("a  "), Text("   "), Text("b")), 2), 28) == ["  a", "", "  b"]
    assert lines(Indented(Beside([A, B]), 6), 30) == [
        "      a         b",
        "       1  2      1  2",
        "       3  4      3  4",
    ]


BLOCKS = st.lists(st.integers(1, 12).map(lambda n: grid("x" * n, [[10**n]])), max_size=6)


@given(BLOCKS, st.integers(1, 80))
def test_every_block_is_there_and_no_row_is_too_wide(blocks: list[list[Text]], most: int) -> None:
    rows = [*Beside(blocks).rows(most)]
    assert [block for row in rows for block in row] == blocks
    for row in rows:
        width = sum(max(len(text) for text in block) for block in row) + 4 * (len(row) - 1)
        assert len(row) == 1 or width <= most


@pytest.mark.parametrize("width, end", [(60, 60), (80, 80), (120, 100)])
def test_points_stand_at_the_right_end_of_the_first_line(width: int, end: int) -> None:
    words = Text("✗ " + "word " * 30)
    first, *more = lines(Aligned(words, Text("1.25 / 2.5"), 2), width)
    assert (len(first), first[:8], first[-12:]) == (end, "  ✗ word", "  1.25 / 2.5")
    assert more
    assert all(line.startswith("  word") and len(line) <= end - 12 for line in more)
    assert lines(Aligned(Text("✓ a"), Text(), 2), width) == ["  ✓ a"]


@pytest.mark.parametrize("width", [30, 40, 80, 200])
def test_a_report_at_any_width(width: int) -> None:
    stored = (ROOT / "tests" / "data" / "reports" / "verdicts.json").read_bytes()
    shown = lines(terminal.report(report_from_json(stored)), width)
    assert not [line for line in shown if line != line.rstrip() and "Stride" not in line]
    if width >= 40:
        assert max(map(len, shown)) <= width
        titles = [line.split() for line in shown if re.match(r" +(input|expected|yours)\b", line)]
        assert all(len(set(title)) == len(title) for title in titles)
