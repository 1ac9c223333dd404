"""Charts as inline SVG, drawn here: a histogram and a strip of marks need no library. Each has a table beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from grader.model.class_ import Marks
from grader.numbers import as_points
from grader.output.html.document import Element, h

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 480, 190, 10, 36, 26


def histogram(marks: Marks) -> Element:
    """Return the marks' distribution, with a line at each quartile, and the same as a folded table."""
    most = max(marks.buckets) or 1
    step = (_WIDTH - 2 * _LEFT) / len(marks.buckets)
    ground = _HEIGHT - _BOTTOM
    parts = [h("line", class_="axis", x1=_LEFT, x2=_WIDTH - _LEFT, y1=ground, y2=ground)]
    for i, count in enumerate(marks.buckets):
        tall = round((ground - _TOP) * count / most, 1)
        x = round(_LEFT + i * step, 1)
        if count:
            parts.append(
                h("rect", class_="column", x=x + 2, y=ground - tall, width=round(step - 4, 1), height=tall, rx=2)
            )
            parts.append(_text(str(count), x + step / 2, ground - tall - 5))
        if i % 2 == 0:
            parts.append(_text(_range(marks, i).partition(" – ")[0], x, _HEIGHT - 8, "middle" if i else "start"))
    parts.append(_text(as_points(marks.max_score), _WIDTH - _LEFT, _HEIGHT - 8, "end"))
    for name, value in zip(("lower quartile", "median", "upper quartile"), marks.quartiles, strict=True):
        x = round(_LEFT + (_WIDTH - 2 * _LEFT) * (value / marks.max_score if marks.max_score else 0), 1)
        parts.append(h("line", class_="median" if name == "median" else "quartile", x1=x, x2=x, y1=18, y2=ground))
    x = _LEFT + (_WIDTH - 2 * _LEFT) * (marks.quartiles[1] / marks.max_score if marks.max_score else 0)
    end = "end" if x > _WIDTH * 0.8 else "start" if x < _WIDTH * 0.2 else "middle"
    parts.append(_text(f"median {as_points(marks.quartiles[1])}", round(x, 1), 13, end))
    picture = h(
        "svg", parts, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", class_="chart", role="img", aria_label="Marks, as a histogram"
    )
    rows = [
        h("tr", h("th", _range(marks, i), scope="row"), h("td", str(n), class_="number"))
        for i, n in enumerate(marks.buckets)
    ]
    head = h("thead", h("tr", h("th", "points", scope="col"), h("th", "students", scope="col", class_="number")))
    return h(
        "div", picture, h("details", h("summary", "as a table"), h("table", head, h("tbody", rows), class_="list"))
    )


def _text(text: str, x: float, y: float, anchor: str = "middle") -> Element:
    return h("text", text, x=round(x, 1), y=round(y, 1), text_anchor=anchor)


def _range(marks: Marks, i: int) -> str:
    low, high = (as_points(marks.max_score * (i + n) / len(marks.buckets)) for n in (0, 1))
    return f"{low} – {high}"


def bar(count: int, most: int) -> Element:
    """Return a bar that stands beside a number, which says the same."""
    value = h("rect", class_="column", width=round(100 * count / most, 1) if most else 0, height=10, rx=2)
    return h("svg", value, viewBox="0 0 100 10", preserveAspectRatio="none", class_="mini", aria_hidden="true")


def strip(rows: Sequence[str], height: int) -> Element:
    """Return rows of letters as thin lines: red where a student is wrong, grey where there is no answer.

    Equal neighbours are one line, so that a thousand students take little room.
    """
    wide = max(map(len, rows), default=0) or 1
    return h(
        "svg",
        h("rect", class_="back", width=wide, height=len(rows)),
        [
            h("path", class_=name, d=path)
            for name, letter in (("bad", "x"), ("none", "-"))
            if (path := _runs(rows, letter))
        ],
        viewBox=f"0 0 {wide} {len(rows)}",
        preserveAspectRatio="none",
        class_="heat",
        height=height * len(rows),
        width=wide,
        aria_hidden="true",
    )


def _runs(rows: Sequence[str], letter: str) -> str:
    return "".join(_path(rows, letter))


def _path(rows: Sequence[str], letter: str) -> Iterator[str]:
    for y, row in enumerate(rows):
        x = 0
        for found, run in groupby(row):
            length = sum(1 for _ in run)
            if found == letter:
                yield f"M{x} {y}.5h{length}"
            x += length
