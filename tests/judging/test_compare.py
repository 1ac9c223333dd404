"""Comparing: shape strictly before values, nothing broadcast, nothing non-finite ever equal."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.judging.compare import STRICT, compare, prints, strict, unbatched
from grader.model.exercise import EXACT, Exercise, Tolerance
from grader.model.report import Mismatch
from grader.numbers import Numbers, from_nested
from grader.ops.base import Array

TOLERANCE = Tolerance()


def of(array: object, dtype: str = "float64") -> Numbers:
    values = np.asarray(array, dtype=float)
    return Numbers(values.shape, tuple(values.ravel().tolist()), dtype)


@given(arrays(float, array_shapes(max_side=4), elements=st.floats(-1e6, 1e6)))
def test_a_value_equals_itself(array: Array) -> None:
    assert compare(of(array), of(array), EXACT) is None
    assert compare(of(array), of(array), TOLERANCE) is None


@given(arrays(float, array_shapes(max_side=4), elements=st.integers(-99, 99).map(float)), st.data())
def test_one_changed_cell_is_found(array: Array, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(list(np.ndindex(*array.shape))))
    wrong = array.copy()
    wrong[place] += data.draw(st.sampled_from([-1, 1, 0.01, -1000]))
    for tolerance in (EXACT, TOLERANCE):
        mismatch = compare(of(wrong), of(array), tolerance)
        assert mismatch
        assert (mismatch.differ, mismatch.worst, mismatch.total) == (1, place, array.size)
        assert mismatch.expected == array[place]


@given(
    arrays(float, array_shapes(max_side=3), elements=st.floats(-9, 9)), st.sampled_from([math.nan, math.inf, -math.inf])
)
def test_nothing_that_is_not_finite_is_right(array: Array, bad: float) -> None:
    wrong = array.copy()
    wrong.flat[0] = bad
    for tolerance in (EXACT, TOLERANCE):
        mismatch = compare(of(wrong), of(array), tolerance)
        assert mismatch
        assert mismatch.given == str(bad)
        assert mismatch.worst == (0,) * array.ndim


@pytest.mark.parametrize(
    "given_, expected",
    [
        (2.0, np.full((4, 4), 2.0)),
        (np.ones((1, 2, 2)), np.ones((2, 2))),
        (np.ones((2, 1)), np.ones((2, 2))),
        (np.ones(2), np.ones((1, 2))),
        (np.empty((0,)), np.ones((1,))),
        (np.empty((0, 3)), np.ones((3,))),
        (np.ones((2, 3)), np.ones((3, 2))),
    ],
)
def test_another_shape_is_wrong_before_any_value(given_: object, expected: object) -> None:
    mismatch = compare(of(given_), of(expected), TOLERANCE)
    assert mismatch
    assert mismatch.differ == 0
    assert mismatch.given_shape != mismatch.expected_shape


# given, expected, right? The largest number of the answer sets the scale
TABLE = [
    ([1 + 1.1e-5], [1.0], True),  # 1e-5 + 1.3e-6
    ([1 + 1.2e-5], [1.0], False),
    ([0.5 + 1.06e-5], [0.5], True),  # below 1 the scale is 1
    ([0.5 + 1.07e-5], [0.5], False),
    ([0.0009, 100.0], [0.0, 100.0], True),  # 1e-5 × 100
    ([0.0011, 100.0], [0.0, 100.0], False),
    ([0.0, 100.00112], [0.0, 100.0], True),
    ([0.0, 100.00114], [0.0, 100.0], False),
    ([0.0009, -100.0], [0.0, -100.0], True),
    ([27.9999], [28], True),  # whole numbers, too
    ([27.99], [28], False),
]


@pytest.mark.parametrize("dtype", ["float64", "float32", "longdouble"])
@pytest.mark.parametrize("given_, expected, right", TABLE)
def test_the_tolerance_depends_on_the_question_alone(
    dtype: str, given_: list[float], expected: list[float], right: bool
) -> None:
    assert (compare(of(given_, dtype), of(expected), TOLERANCE) is None) is right


def test_the_largest_number_may_stand_in_another_output() -> None:
    assert compare(of([0.0009]), of([0.0]), TOLERANCE)
    assert compare(of([0.0009]), of([0.0]), TOLERANCE, scale=100) is None


@pytest.mark.torch
def test_the_tolerance_is_that_of_torch_testing_for_float32(torch: Any) -> None:
    from torch.testing import _comparison  # type: ignore[import-not-found, unused-ignore]

    assert _comparison.default_tolerances(torch.float32) == (TOLERANCE.rtol, TOLERANCE.atol)
    assert _comparison.default_tolerances(torch.float64) == (STRICT.rtol, STRICT.atol)


def test_a_count_is_exact_in_value_and_may_be_a_float() -> None:
    assert compare(of([28.0]), Numbers((1,), (28,), "int64"), EXACT) is None
    assert compare(of([27.99]), of([28]), EXACT)
    assert compare(of([3.0000000001]), of([3.0]), EXACT)


def test_the_tolerance_is_mentioned_where_the_difference_is_near_it() -> None:
    near, far = compare(of([1.0005]), of([1.0]), TOLERANCE), compare(of([1.5]), of([1.0]), TOLERANCE)
    assert near
    assert near.allowed == "1.1e-05"
    assert far
    assert far.allowed == ""


ANSWER = np.array([[28.34567, -1.98765], [0.12345, 3.00004]])


@pytest.mark.parametrize(
    "given_, dtype, words",
    [
        (np.round(ANSWER, 2), "float64", "rounded to 2 decimals"),
        (np.round(ANSWER, 3), "float32", "rounded to 3 decimals"),
        (np.round(ANSWER), "float64", "rounded to whole numbers"),
        (np.trunc(ANSWER * 100) / 100, "float64", "cut off to 2 decimals"),
        (np.trunc(ANSWER), "int64", "cut off to whole numbers"),
        (ANSWER.astype("f2"), "float16", "`float16` keeps about 3 digits: compute in float64"),
        (ANSWER.astype("f2").astype("f8"), "float64", "your numbers went through `float16`"),
        (np.round(ANSWER, 3).astype("f2"), "float16", "`float16` keeps about 3 digits"),
        (ANSWER + 0.01, "float64", ""),
        (np.round(ANSWER, 2) + np.eye(2), "float64", ""),
        (np.zeros((2, 2)), "float64", ""),
        (ANSWER[::-1].astype("f2"), "float16", ""),
    ],
)
def test_lost_digits_are_recognised(given_: Array, dtype: str, words: str) -> None:
    mismatch = compare(of(given_, dtype), of(ANSWER), TOLERANCE)
    assert mismatch
    assert words in mismatch.precision
    assert bool(words) is bool(mismatch.precision)


def test_only_a_batch_axis_of_one_may_be_in_front() -> None:
    row = Exercise("ex", "T", "flatten", "f(input)", 10, (), batch=True)
    grid = msgspec.structs.replace(row, batch=False)
    assert unbatched(row, of([[1, 2]]), 1) == of([1, 2])
    assert unbatched(row, of([[[1, 2]]]), 1) == of([[[1, 2]]])
    assert unbatched(row, of([[1], [2]]), 1) == of([[1], [2]])
    assert unbatched(grid, of([[1, 2]]), 1) == of([[1, 2]])


@pytest.mark.parametrize(
    "printed, decimals, right",
    [
        ([1.7], 1, True),
        ([1.6], 1, False),
        ([1.6667], 4, True),
        ([1.6666], 4, False),
        ([2], 0, True),
        ([1.7], None, False),
    ],
)
def test_a_slide_that_rounds_prints_what_it_rounds(printed: list[float], decimals: int | None, right: bool) -> None:
    assert prints(printed, [of([5 / 3])], STRICT, decimals) is right
    assert prints([0.2], [of([0.25])], STRICT, 1) is prints([0.3], [of([0.25])], STRICT, 1) is True


def test_torch_and_slides_are_compared_strictly() -> None:
    assert strict([[1, 2]], [3]) == EXACT
    assert strict([[1, 2.5]], [3]) == strict([[1, 2]], [3.5]) == STRICT
    assert not prints([3.00001], [of([3])], STRICT)


def test_large_answers_are_not_repeated() -> None:
    mismatch = compare(of(np.ones((50, 50))), of(np.zeros((50, 50))), EXACT)
    assert mismatch
    assert mismatch.differ == 2500
    assert mismatch.expected_value is None
    assert mismatch.given_value is None


@pytest.mark.parametrize("large, small", [((20, 20), (2, 2)), ((21, 20), (2, 2))])
def test_neither_is_repeated_where_one_of_them_is_large(large: tuple[int, int], small: tuple[int, int]) -> None:
    for given_, expected in ((large, small), (small, large)):
        mismatch = compare(of(np.ones(given_)), of(np.ones(expected)), EXACT)
        assert mismatch
        told = large == (20, 20)  # 400 cells at most
        assert (mismatch.expected_value is not None) is told
        assert (mismatch.given_value is not None) is told


def test_of_equally_bad_cells_the_first_is_told() -> None:
    mismatch = compare(of([1, 5, 5, 3]), of([1, 2, 2, 2]), EXACT)
    assert mismatch
    assert (mismatch.worst, mismatch.differ) == ((1,), 3)


def test_a_slide_with_empty_cells_prints_what_it_shows() -> None:
    value = from_nested([[4, 3], [2, 1]])
    assert prints([[4, None], [None, None]], [value], EXACT)
    assert prints([[4, 3], [2, 1]], [value], EXACT)
    assert not prints([[4, None], [None, 2]], [value], EXACT)
    assert not prints([[4, None]], [value], EXACT)
    assert not prints([[4, None]], [from_nested([4, 3])], EXACT)
    assert prints([None, [[4, 3], [2, 1]]], [from_nested([1]), value], EXACT)
    assert not prints([[2], None], [from_nested([1]), value], EXACT)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("tolerance", [EXACT, TOLERANCE])
def test_no_slide_prints_what_is_not_finite(bad: float, tolerance: Tolerance) -> None:
    assert not prints([4, 3], [of([4, bad])], tolerance)
    assert not prints([4, None], [of([4, bad])], tolerance)


def test_a_whole_number_of_64_bits_is_told_as_json_gives_it_back() -> None:
    found = compare(Numbers((1,), (2**63 - 1,), "int64"), of([1]), EXACT)
    assert found == msgspec.json.decode(msgspec.json.encode(found), type=Mismatch)
