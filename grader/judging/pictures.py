"""Cases as pictures: where the window stands for each output cell, and the arithmetic that the operator gives there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import msgspec
import numpy as np

from grader.exercises.cases import case_arrays, case_cell, case_operator
from grader.exercises.operators import operator
from grader.judging import influence
from grader.judging.misconceptions import runner
from grader.judging.windows import (
    CONVOLUTIONS,
    POOLINGS,
    Window,
    bordered,
    formula,
    notation,
    reach,
    running,
    so_far,
    window_of,
)
from grader.memoise import memoise
from grader.model.exercise import Case, Exercise, Nested
from grader.model.page import Grid, Other, Picture, Step, Term
from grader.model.signature import in_own_names, output_view, own_names, student_index
from grader.ops import Misconception
from grader.ops.base import Array, Shape, number, term

MOST_STEPS = 150  # output cells that can be picked in one picture
MOST_TERMS = 2500  # products in one picture
MOST_SHOWN = 400  # cells of one grid


def picture(
    exercise: Exercise,
    case: Case,
    expected: Nested,
    given: Nested = None,
    *,
    output: str = "output",
    wrong: Sequence[tuple[int, ...]] = (),
    first: tuple[int, ...] | None = None,
    misconceptions: Sequence[Misconception] = (),
) -> Picture:
    """Draw a visible case. `expected` and `given` are values of one `output`; `first` is the cell to begin with."""
    right = np.array(expected, dtype=float)
    start = int(np.ravel_multi_index(first, right.shape)) if first else None
    ids = tuple(m.id for m in misconceptions)
    key = (case.name, output, ids, start if right.size > MOST_STEPS else None)
    drawn = _drawn(exercise)
    if key not in drawn:
        drawn[key] = _picture(exercise, case, right, output, misconceptions, start)
    if given is None and start is None:
        return drawn[key]
    places = frozenset(int(np.ravel_multi_index(at, right.shape)) for at in wrong) if right.ndim else frozenset()
    return msgspec.structs.replace(
        drawn[key],
        expected=grids("Expected", right, wrong=places),
        given=_given(given, right, places),
        steps=_with_given(drawn[key].steps, given, right),
        first=drawn[key].first if start is None else start,
    )


@memoise
def _drawn(_: Exercise) -> dict[tuple[Any, ...], Picture]:
    """Return where pictures without a program's answer are kept: in a class most of them are the same."""
    return {}


def _picture(
    exercise: Exercise,
    case: Case,
    right: Array,
    output: str,
    misconceptions: Sequence[Misconception],
    start: int | None,
) -> Picture:
    op: Any = case_operator(exercise, case)
    inputs = case_arrays(case, op)
    window = window_of(op, inputs, right.shape)
    twin = _twin(exercise, op, inputs, output, misconceptions)
    first = _telling(twin, right) if start is None else start
    return Picture(
        case=case.name,
        notation=tuple(notation(exercise, op, inputs, window, right.shape, case)),
        formula=tuple(formula(op, inputs, window, right.shape)),
        inputs=_first_input(exercise, op, inputs, window),
        kernel=grids("Kernel", inputs[1]) if isinstance(op, CONVOLUTIONS) else (),
        more=tuple(grid for name, value in _others(exercise, op, inputs) for grid in grids(name, value)),
        expected=grids("Output" if len(exercise.outputs) == 1 else output, right),
        steps=_steps(exercise, case, op, inputs, window, right, first, twin, output),
        columns=right.shape[-1] if right.ndim else 1,
        first=first,
        running=running(op),
        misconception=" ".join(in_own_names(exercise, m.says) for m in misconceptions) if twin else "",
        slide=case.slide.where if case.slide else "",
        erratum=case.slide.erratum if case.slide else "",
    )


def _with_given(steps: tuple[Step | None, ...], given: Nested, right: Array) -> tuple[Step | None, ...]:
    """Add a program's numbers to the steps, where its answer has the right shape."""
    if given is None or np.shape(given) != right.shape:
        return steps
    cells = np.array(given, dtype=object).ravel().tolist()
    return tuple(
        step and msgspec.structs.replace(step, given=_text(cell)) for step, cell in zip(steps, cells, strict=False)
    )


def grids(
    title: str, value: Any, padding: Array | None = None, wrong: frozenset[int] = frozenset()
) -> tuple[Grid, ...]:
    """Return an array as one grid per plane of its last two axes; none where it would be too large to look at."""
    array = np.array(value, dtype=object)
    if array.size == 0 or array.size > MOST_SHOWN:
        return ()
    shape = array.shape if array.ndim > 1 else (1, array.size)
    planes = array.reshape(-1, *shape[-2:])
    marks = np.zeros(planes.shape, dtype=bool) if padding is None else padding.reshape(planes.shape)
    size = " × ".join(map(str, array.shape)) if array.ndim < 3 else " × ".join(map(str, shape[-2:]))
    each = planes[0].size
    found = []
    for i, (plane, mark) in enumerate(zip(planes, marks, strict=True)):
        lead = [int(n) for n in np.unravel_index(i, shape[:-2])] if len(shape) > 2 else []
        found.append(
            Grid(
                title=_plane(title, lead),
                rows=tuple(tuple(_text(cell) for cell in row) for row in plane.tolist()),
                size=size,
                padding=frozenset(np.flatnonzero(mark).tolist()),
                wrong=frozenset(w - i * each for w in wrong if i * each <= w < (i + 1) * each),
            )
        )
    return tuple(found)


def _plane(title: str, lead: Sequence[int]) -> str:
    """Name a plane by its leading axes: `Filter 0, channel 1`, or `Expected, channel 1`."""
    if not lead:
        return title
    names = ("filter", "channel") if title == "Kernel" else ("image", "channel")
    places = ", ".join(f"{name} {n}" for name, n in zip(names[-len(lead) :], lead, strict=False))
    return places.capitalize() if title == "Kernel" else f"{title}, {places}"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return number(value) if np.isfinite(value) else str(value)


def _given(given: Nested, right: Array, wrong: frozenset[int]) -> tuple[Grid, ...]:
    if given is None:
        return ()
    return grids("Yours", given, wrong=wrong if np.shape(given) == right.shape else frozenset())


def _first_input(exercise: Exercise, op: Any, inputs: Sequence[Array], window: Window | None) -> tuple[Grid, ...]:
    """Return the input's grids, with the padding around them where there is any."""
    if not inputs:
        return ()
    name = "Input" if window else own_names(exercise).get(op.names[0], op.names[0])
    if window is None or not any(any(pair) for pair in window.pads):
        return grids(name, inputs[0])
    counts = isinstance(op, CONVOLUTIONS) or op.counts_padding
    padding = window.padded == 0
    shown = bordered(op, inputs[0], window).astype(object)
    if not counts:
        shown[padding] = "–"
    return grids("Padded input", shown, padding)


def _others(exercise: Exercise, op: Any, inputs: Sequence[Array]) -> Iterator[tuple[str, Array]]:
    """Yield the function's inputs that are neither the image nor the kernel: they stand beside."""
    for i, (name, value) in enumerate(zip(op.names, inputs, strict=True)):
        if i and name in exercise.given and not (isinstance(op, CONVOLUTIONS) and name == "kernel"):
            own = own_names(exercise).get(name, name)
            yield name.capitalize() if isinstance(op, CONVOLUTIONS) else own, value


def _twin(
    exercise: Exercise, op: Any, inputs: Sequence[Array], output: str, misconceptions: Sequence[Misconception]
) -> tuple[Shape, list[influence.Told]] | None:
    """Work out what a program with these misconceptions computes."""
    if not misconceptions:
        return None
    how = influence.values
    if isinstance(op, CONVOLUTIONS):
        how = influence.convolution
    elif isinstance(op, POOLINGS):
        how = influence.pooling
    return how(runner(misconceptions), op, inputs, exercise.outputs.index(output))


def _telling(twin: tuple[Shape, list[influence.Told]] | None, right: Array) -> int:
    """Return the first cell that a misconception gets wrong, or that it has no place for; the first where none is."""
    if twin is None or len(twin[0]) != right.ndim:
        return 0
    for flat, value in enumerate(right.ravel().tolist()):
        at = np.unravel_index(flat, right.shape)
        if any(i >= n for i, n in zip(at, twin[0], strict=True)):
            continue
        if twin[1][int(np.ravel_multi_index(at, twin[0]))].value != number(value):
            return flat
    return 0


def _steps(
    exercise: Exercise,
    case: Case,
    op: Any,
    inputs: Sequence[Array],
    window: Window | None,
    right: Array,
    start: int,
    twin: tuple[Shape, list[influence.Told]] | None,
    output: str,
) -> tuple[Step | None, ...]:
    """Work out the output's cells: all, or the first to be shown where they are too many."""
    if inputs and inputs[0].size > MOST_SHOWN:
        return ()
    all_of_them = right.size <= MOST_STEPS and right.size * reach(op, inputs, window) <= MOST_TERMS
    steps: list[Step | None] = []
    for flat in range(right.size):
        if not all_of_them and flat != start:
            steps.append(None)
            continue
        at = tuple(int(i) for i in np.unravel_index(flat, right.shape)) if right.ndim else ()
        worked = case_cell(exercise, case, at, output)
        place = student_index(output_view(exercise, output), at, right.shape)
        base = Step(
            place=f"{output}[{', '.join(map(str, place))}]" if place else output,
            window=_reads(inputs, worked.reads) if window is None else (),
            text=worked.text if worked.text != number(worked.value) else "",
            value=number(worked.value),
            other=_other(twin, at, window, inputs),
        )
        steps.append(_moved(op, inputs, window, base, at) if window else base)
    return tuple(steps)


def _reads(inputs: Sequence[Array], reads: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    if not inputs or not inputs[0].ndim:
        return ()
    return tuple(int(np.ravel_multi_index(place, inputs[0].shape)) for place in reads if len(place) == inputs[0].ndim)


def _moved(op: Any, inputs: Sequence[Array], window: Window, step: Step, at: tuple[int, ...]) -> Step:
    """Add the window's places and its products to a step."""
    lead, place = at[: len(at) - op.axes], at[len(at) - op.axes :]
    if not isinstance(op, CONVOLUTIONS):
        seen = [int(i) for i in window.cells[(*lead, *place)].ravel() if i >= 0]
        return msgspec.structs.replace(step, window=tuple(seen), totals=tuple(so_far(op, inputs[0], window, seen)))
    image, kernel, bias = op.lift(*inputs)
    padded = bordered(op, image, window)
    filter_, batch = (lead[-1] if lead else 0), (lead[0] if len(lead) == 2 else 0)
    width = kernel.shape[1]
    begin = filter_ // (kernel.shape[0] // op.groups) * width
    cells = window.cells.reshape(*image.shape[:2], *window.cells.shape[window.cells.ndim - 2 * op.axes :])
    read, terms, total = [], [], 0.0
    for channel in range(width):
        places = cells[(batch, begin + channel, *place)].ravel()
        read += [int(i) for i in places]
        row = []
        for i, weight in zip(places, kernel[filter_, channel].ravel().tolist(), strict=True):
            value = float(padded.flat[int(i)])
            total += value * weight
            row.append(Term(term(value), term(weight), number(value * weight), number(total)))
        terms.append(tuple(row))
    each = width * prod(window.size)
    added = float(bias[filter_])
    return msgspec.structs.replace(
        step,
        window=tuple(read),
        weights=tuple(range(filter_ * each, (filter_ + 1) * each)),
        terms=tuple(terms),
        bias=term(added) if added else "",
    )


def _other(
    twin: tuple[Shape, list[influence.Told]] | None, at: tuple[int, ...], window: Window | None, inputs: Sequence[Array]
) -> Other | None:
    """Return what a program with the misconception computes for a cell, its window in places of the padded input."""
    if twin is None or len(twin[0]) != len(at) or any(i >= n for i, n in zip(at, twin[0], strict=True)):
        return None
    told = twin[1][int(np.ravel_multi_index(at, twin[0])) if at else 0]
    inside = np.flatnonzero(window.padded) if window else range(inputs[0].size if inputs else 0)
    return Other(tuple(int(inside[i]) for i in told.reads), told.text, told.value)


def known(exercise: Exercise, ids: Sequence[str]) -> tuple[Misconception, ...]:
    """Return the exercise's misconceptions of these ids; none where one of them is not known."""
    table = {m.id: m for m in operator(exercise).misconceptions}
    return tuple(table[id] for id in ids) if all(id in table for id in ids) else ()
