"""The picture of a misconception in words, as Markdown: for platforms that show no pages of ours.

A report shows the right arithmetic of a wrong case already. What a picture adds is the window that a program with the
misconception reads, and what it computes there.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.model.page import Grid, Picture, StudentPage
from grader.output.markdown import code

MOST_CELLS = 9  # of a window that is not a rectangle


def document(page: StudentPage) -> str:
    """Return a section on the first wrong case that the misconception explains; nothing without such a case."""
    return next(filter(None, map(_section, page.pictures.values())), "")


def _section(it: Picture) -> str:
    step = it.steps[it.first] if it.first < len(it.steps) else None
    if not it.misconception or step is None or step.other is None:
        return ""
    right, theirs = window(it.inputs, step.window), window(it.inputs, step.other.window)
    reads = "the same cells" if theirs == right else theirs
    return (
        f"### The cell {code(step.place)} of {code(it.case)}\n\n"
        f"- The right answer reads {right}: `{step.text}`\n"
        f"- A program with this misconception reads {reads}: `{step.other.text}`\n"
    )


def window(grids: Sequence[Grid], places: Sequence[int]) -> str:
    """Return the cells at these places, counted through all grids, in words: `rows 0–2, columns 1–3 of the input`."""
    words: dict[str, list[str]] = {}
    start = 0
    for grid in grids:
        width, end = len(grid.rows[0]) if grid.rows else 1, start + sum(map(len, grid.rows))
        if inside := sorted({divmod(place - start, width) for place in places if start <= place < end}):
            words.setdefault(_cells(inside), []).append(grid.title[:1].lower() + grid.title[1:])
        start = end
    if len(grids) > 1 and [len(titles) for titles in words.values()] == [len(grids)]:
        return f"{next(iter(words))} of each grid of the input"
    return " and ".join(f"{cells} of the {', '.join(titles)}" for cells, titles in words.items()) or "no cell"


def _cells(cells: Sequence[tuple[int, int]]) -> str:
    rows, columns = sorted({row for row, _ in cells}), sorted({column for _, column in cells})
    if len(cells) == len(rows) * len(columns):
        return f"{_range('row', rows)}, {_range('column', columns)}"
    listed = ", ".join(f"[{row}, {column}]" for row, column in cells[:MOST_CELLS])
    more = f" and {len(cells) - MOST_CELLS} more" if len(cells) > MOST_CELLS else ""
    return f"the cells {listed}{more}"


def _range(noun: str, numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"{noun} {numbers[0]}"
    if numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{noun}s {numbers[0]}–{numbers[-1]}"
    return f"{noun}s {', '.join(map(str, numbers))}"
