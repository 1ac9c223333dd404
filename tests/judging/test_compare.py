"""Comparing: shape strictly before values, nothing broadcast, nothing non-finite ever equal."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.judging.compare import compare, prints
from grader.model.report import Mismatch
from grader.numbers import Numbers, from_nested
from grader.ops.base import Array


def of(array: object, dtype: str = "float64") -> Numbers:
    values = np.asarray(array, dtype=float)
    return Numbers(values.shape, tuple(values.ravel().tolist()), dtype)


@given(arrays(float, array_shapes(max_side=4), elements=st.floats(-1e6, 1e6)))
def test_a_value_equals_itself(array: Array) -> None:
    assert compare(of(array), of(array), exact=True) is None
    assert compare(of(array), of(array), exact=False) is None


@given(arrays(float, array_shapes(max_side=4), elements=st.integers(-99, 99).map(float)), st.data())
def test_one_changed_cell_is_found(array: Array, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(list(np.ndindex(*array.shape))))
    wrong = array.copy()
    wrong[place] += data.draw(st.sampled_from([-1, 1, 0.001, -1000]))
    for exact in (True, False):
        mismatch = compare(of(wrong), of(array), exact=exact)
        assert mismatch
        assert (mismatch.differ, mismatch.worst, mismatch.total) == (1, place, array.size)
        assert mismatch.expected == array[place]


@given(
    arrays(float, array_shapes(max_side=3), elements=st.floats(-9, 9)), st.sampled_from([math.nan, math.inf, -math.inf])
)
def test_nothing_that_is_not_finite_is_right(array: Array, bad: float) -> None:
    wrong = array.copy()
    wrong.flat[0] = bad
    for exact in (True, False):
        mismatch = compare(of(wrong), of(array), exact=exact)
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
    mismatch = compare(of(given_), of(expected), exact=False)
    assert mismatch
    assert mismatch.differ == 0
    assert mismatch.given_shape != mismatch.expected_shape


@pytest.mark.parametrize(
    "dtype, relative, absolute",
    [("float64", 1e-7, 1e-7), ("float32", 1.3e-6, 1e-5), ("float16", 1e-3, 1e-5), ("longdouble", 1e-7, 1e-7)],
)
def test_the_tolerance_is_that_of_torch_testing(dtype: str, relative: float, absolute: float) -> None:
    allowed = absolute + relative * 100
    assert compare(of([100 + 0.99 * allowed], dtype), of([100.0]), exact=False) is None
    mismatch = compare(of([100 + 1.01 * allowed], dtype), of([100.0]), exact=False)
    assert mismatch
    assert f"{relative:g}" in mismatch.allowed


@pytest.mark.torch
def test_torch_testing_allows_the_same(torch: object) -> None:
    from torch.testing import _comparison  # type: ignore[import-not-found, unused-ignore]

    from grader.judging.compare import TOLERANCE

    for name, (relative, absolute) in TOLERANCE.items():
        assert _comparison.default_tolerances(getattr(torch, name)) == (relative, absolute)


def test_whole_numbers_are_exact() -> None:
    assert compare(of([3.0000000001]), of([3.0]), exact=True)
    assert compare(of([3.0000000001]), of([3.0]), exact=False) is None


def test_large_answers_are_not_repeated() -> None:
    mismatch = compare(of(np.ones((50, 50))), of(np.zeros((50, 50))), exact=True)
    assert mismatch
    assert mismatch.differ == 2500
    assert mismatch.expected_value is None
    assert mismatch.given_value is None


@pytest.mark.parametrize("large, small", [((20, 20), (2, 2)), ((21, 20), (2, 2))])
def test_neither_is_repeated_where_one_of_them_is_large(large: tuple[int, int], small: tuple[int, int]) -> None:
    for given_, expected in ((large, small), (small, large)):
        mismatch = compare(of(np.ones(given_)), of(np.ones(expected)), exact=True)
        assert mismatch
        told = large == (20, 20)  # 400 cells at most
        assert (mismatch.expected_value is not None) is told
        assert (mismatch.given_value is not None) is told


def test_of_equally_bad_cells_the_first_is_told() -> None:
    mismatch = compare(of([1, 5, 5, 3]), of([1, 2, 2, 2]), exact=True)
    assert mismatch
    assert (mismatch.worst, mismatch.differ) == ((1,), 3)


def test_a_slide_with_empty_cells_prints_what_it_shows() -> None:
    value = from_nested([[4, 3], [2, 1]])
    assert prints([[4, None], [None, None]], [value], exact=True)
    assert prints([[4, 3], [2, 1]], [value], exact=True)
    assert not prints([[4, None], [None, 2]], [value], exact=True)
    assert not prints([[4, None]], [value], exact=True)
    assert not prints([[4, None]], [from_nested([4, 3])], exact=True)
    assert prints([None, [[4, 3], [2, 1]]], [from_nested([1]), value], exact=True)
    assert not prints([[2], None], [from_nested([1]), value], exact=True)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("exact", [True, False])
def test_no_slide_prints_what_is_not_finite(bad: float, exact: bool) -> None:
    assert not prints([4, 3], [of([4, bad])], exact=exact)
    assert not prints([4, None], [of([4, bad])], exact=exact)


def test_a_whole_number_of_64_bits_is_told_as_json_gives_it_back() -> None:
    found = compare(Numbers((1,), (2**63 - 1,), "int64"), of([1]), exact=True)
    assert found == msgspec.json.decode(msgspec.json.encode(found), type=Mismatch)
