"""Numbers in nested lists: there and back, and the place of what is not a number."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.numbers import NotNumbers, Numbers, from_nested, indices, plain, short, to_nested

CELLS = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))
SHAPES = st.lists(st.integers(1, 4), max_size=4).map(tuple)


@st.composite
def arrays(draw: st.DrawFn) -> Numbers:
    shape = draw(SHAPES)
    size = math.prod(shape)
    return Numbers(shape, tuple(map(float, draw(st.lists(CELLS, min_size=size, max_size=size)))))


def at(nested: Any, place: tuple[int, ...]) -> Any:
    for i in place:
        nested = nested[i]
    return nested


@given(arrays())
def test_there_and_back(array: Numbers) -> None:
    assert from_nested(to_nested(array)) == array


@given(arrays())
def test_lists_and_tuples_are_read_alike(array: Numbers) -> None:
    def frozen(value: Any) -> Any:
        return tuple(map(frozen, value)) if isinstance(value, list) else value

    assert from_nested(frozen(to_nested(array))) == array


@given(arrays())
def test_numpy_reads_the_same(array: Numbers) -> None:
    seen = np.array(to_nested(array), dtype=np.float64)
    assert (seen.shape, tuple(seen.ravel())) == (array.shape, array.cells)


@given(arrays())
def test_places_name_every_cell_once_and_in_order(array: Numbers) -> None:
    every = list(indices(array.shape))
    assert every == sorted(set(every)) == list(np.ndindex(*array.shape))
    nested = to_nested(array)
    assert tuple(at(nested, place) for place in every) == array.cells


@pytest.mark.parametrize("value, shape", [([], (0,)), ([[], []], (2, 0)), ([[[]]], (1, 1, 0)), (5, ()), ((), (0,))])
def test_arrays_without_cells_or_axes(value: Any, shape: tuple[int, ...]) -> None:
    array = from_nested(value)
    assert array.shape == shape
    assert len(array.cells) == math.prod(shape) == len(list(indices(shape)))


@given(arrays(), st.sampled_from([True, None, "1", math.nan, math.inf, -math.inf, {}, 1j, object()]), st.data())
def test_what_is_no_number_is_found_at_its_place(array: Numbers, wrong: Any, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(list(indices(array.shape))))
    nested = copy.deepcopy(to_nested(array))
    if place:
        at(nested, place[:-1])[place[-1]] = wrong
    else:
        nested = wrong
    with pytest.raises(NotNumbers) as caught:
        from_nested(nested)
    assert caught.value.path == place
    assert "number" in str(caught.value)
    assert len(str(caught.value)) < 100


@given(arrays(), st.data())
def test_the_first_ragged_row_is_found(array: Numbers, data: st.DataObject) -> None:
    rows = [place[:-1] for place in indices(array.shape) if place and place[-1] == 0 and any(place[-2:-1])]
    if not rows:
        return
    row = data.draw(st.sampled_from(rows))
    nested = copy.deepcopy(to_nested(array))
    change = data.draw(st.sampled_from(["longer", "shorter", "number"]))
    if change == "longer":
        at(nested, row).append(0)
    elif change == "shorter":
        at(nested, row).pop()
    else:
        at(nested, row[:-1])[row[-1]] = 0
    with pytest.raises(NotNumbers, match="row") as caught:
        from_nested(nested)
    assert caught.value.path == row


def test_a_row_among_numbers_is_found() -> None:
    with pytest.raises(NotNumbers, match="a number is expected here, not a list") as caught:
        from_nested([[1, 2], [3, [4]]])
    assert caught.value.path == (1, 1)


@pytest.mark.parametrize("depth", [1, 40, 900])
def test_deep_lists_are_read(depth: int) -> None:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    assert from_nested(value) == Numbers((1,) * depth, (1.0,))


@given(CELLS)
def test_plain_changes_the_look_and_not_the_value(cell: float) -> None:
    shown = plain(cell)
    assert shown == cell
    assert isinstance(shown, int) or not float(cell).is_integer() or abs(cell) >= 2**53


@pytest.mark.parametrize(
    "value, text",
    [(3.0, "3"), (-2, "-2"), (1234567.0, "1234567"), (0.1 + 0.2, "0.3"), (1 / 3, "0.333333"), (1e300, "1e+300")],
)
def test_numbers_are_written_for_people(value: float, text: str) -> None:
    assert short(value) == text
