"""The picture of a misconception in words: which cells a window reads, and where the section is omitted."""

from __future__ import annotations

import pytest
from programs import lock, submission

from grader.judging.grade import grade
from grader.judging.illustrate import student_page
from grader.model.page import Grid
from grader.output import picture_text

ROWS = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"))
ONE = [Grid("Padded input", ROWS)]
TWO = [Grid("Input [0]", ROWS), Grid("Input [1]", ROWS)]
UNMOVED = """
import numpy as np
def conv2d(input, kernel, bias, padding, stride):
    padded = np.pad(input, [(p, p) for p in padding])
    k, o = np.shape(kernel)
    rows, columns = ((n - m) // s + 1 for n, m, s in zip(padded.shape, (k, o), stride))
    return [[(padded[i:i + k, j:j + o] * kernel).sum() + bias for j in range(columns)] for i in range(rows)]
"""


@pytest.mark.parametrize(
    "grids, places, words",
    [
        (ONE, (0, 1, 3, 4), "rows 0–1, columns 0–1 of the padded input"),
        (ONE, (4,), "row 1, column 1 of the padded input"),
        (ONE, (0, 2, 6, 8), "rows 0, 2, columns 0, 2 of the padded input"),
        (ONE, (8, 4, 0, 0), "the cells [0, 0], [1, 1], [2, 2] of the padded input"),
        (ONE, (), "no cell"),
        (TWO, (0, 1, 9, 10), "row 0, columns 0–1 of each grid of the input"),
        (TWO, (0, 10), "row 0, column 0 of the input [0] and row 0, column 1 of the input [1]"),
        (TWO, (9, 12), "rows 0–1, column 0 of the input [1]"),
    ],
)
def test_a_window_in_words(grids: list[Grid], places: tuple[int, ...], words: str) -> None:
    assert picture_text.window(grids, places) == words


def test_the_windows_of_a_misconception_stand_beside_the_right_ones() -> None:
    found = lock("ex3")
    page = student_page(grade(found, submission("ex3", UNMOVED)), found)
    assert picture_text.document(page).splitlines() == [
        "### The cell `output[1, 1]` of `stride 2`",
        "",
        "- The right answer reads rows 2–4, columns 2–4 of the input: "
        "`0×1 + 3×1 + 3×1 + 1×1 + 3×1 + 2×1 + 0×0 + 3×1 + 1×0 + 1 = 16`",
        "- A program with this misconception reads rows 1–3, columns 1–3 of the input: "
        "`1×1 + 4×1 + 0×1 + 2×1 + 0×1 + 3×1 + 2×0 + 1×1 + 3×0 + 1 = 12`",
    ]


def test_without_a_misconception_there_is_no_section() -> None:
    found = lock("ex3")
    zeros = "import numpy as np\ndef conv2d(input, kernel, bias, padding, stride): return np.zeros((2, 2))"
    assert picture_text.document(student_page(grade(found, submission("ex3", zeros)), found)) == ""
