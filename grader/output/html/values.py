"""Any value that a report holds, as grids where it is one: numbers, rows, planes, or words."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from grader.model.page import Grid
from grader.numbers import short
from grader.output.html.document import Element, h
from grader.output.html.grids import planes
from grader.text import one_line

MOST_CELLS = 900


def is_plane(value: Any) -> bool:
    """Tell whether a value is worth a grid: lists of lists, or a list of more than two numbers."""
    return isinstance(value, list) and bool(_shape(value)) and (isinstance(value[0], list) or len(value) > 2)


def block(title: str, value: Any) -> Element:
    """Return a value under its title: as grids, or as text where it is not an array of numbers."""
    shape = _shape(value)
    if shape is None or prod(shape) > MOST_CELLS or 0 in shape:
        text = "nothing" if value is None else "(empty)" if value == [] else one_line(str(value), 300)
        return h("div", h("p", title, class_="label"), h("p", text))
    found = planes("value", list(_grids(title, value, shape)))
    assert found
    return found


def _shape(value: Any) -> tuple[int, ...] | None:
    """Return the shape of nested lists of numbers (as text where they are not finite), or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | list):
        return None
    if not isinstance(value, list):
        return () if not isinstance(value, str) or value in ("nan", "inf", "-inf", "…") else None
    if not value:
        return (0,)
    inner = [_shape(item) for item in value]
    return None if inner[0] is None or any(shape != inner[0] for shape in inner) else (len(value), *inner[0])


def _grids(title: str, value: Any, shape: tuple[int, ...], lead: tuple[int, ...] = ()) -> Iterator[Grid]:
    if len(shape) > 2:
        for i, item in enumerate(value):
            yield from _grids(title, item, shape[1:], (*lead, i))
        return
    rows = value if len(shape) == 2 else [value] if shape else [[value]]
    name = f"{title}[{', '.join(map(str, lead))}]" if lead else title
    text = tuple(
        tuple(short(cell) if isinstance(cell, int | float) else one_line(str(cell), 40) for cell in row) for row in rows
    )
    yield Grid(name, text, " × ".join(map(str, shape)))
