"""Values of more than two axes are shown as a grid for each channel, filter and image."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from grader.model.report import Example
from grader.output.diagnosis import example_lines
from grader.output.grid import MOST_PLANES, grids, is_grids

CHANNELS = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]


def lines(blocks: object) -> list[list[str]]:
    return [[line.plain.rstrip() for line in block] for block in blocks]  # type: ignore[attr-defined]


def test_a_grid_for_each_channel() -> None:
    assert lines(grids("x", CHANNELS)) == [["x[0]", " 1  2", " 3  4"], ["x[1]", " 5  6", " 7  8"]]
    assert [block[0] for block in lines(grids("k", [CHANNELS]))] == ["k[0, 0]", "k[0, 1]"]


def test_marks_are_in_their_channel() -> None:
    first, second = lines(grids("x", CHANNELS, {(1, 0, 1)}))
    assert (first[1], second[1]) == (" 1  2", " 5 [6]")
    assert [block[0] for block in lines(grids("x", CHANNELS, {(1, 0, 1)}, only_marked=True))] == ["x[1]"]


def test_many_channels_are_counted() -> None:
    shown = lines(grids("x", [[[1]]] * (MOST_PLANES + 3)))
    assert len(shown) == MOST_PLANES + 1
    assert shown[-1] == ["and 3 more of x"]


def test_a_row_and_a_number_are_one_grid() -> None:
    assert lines(grids("x", [1, 2])) == [["x", " 1  2"]]
    assert lines(grids("x", 3)) == [["x", " 3"]]
    assert not is_grids([])


def test_a_smallest_case_shows_arrays_in_the_students_axes() -> None:
    right, given = [[[[1.0]], [[2.0]]]], [[[[1.0]], [[0.5]]]]
    example = Example({"x": right}, right, given, axes={"x": "NHWC", "": "NHWC"})
    text = shown(example)
    assert all(f"{name}[0, :, :, 0]" in text for name in ("x", "expected", "yours"))


def test_an_empty_result_is_called_so() -> None:
    assert "(empty)" in shown(Example({"x": [[1.0]]}, [[[[4.0]]]], [[[], []]]))


def shown(example: Example) -> str:
    console = Console(width=100, record=True, file=StringIO())
    for line in example_lines(example):
        console.print(line)
    return console.export_text()
