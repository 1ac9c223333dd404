"""Frames across the process boundary: each side reads what the other writes, and forged frames do no harm."""

from __future__ import annotations

import contextlib
import importlib.util
import marshal
import math
import struct
import sys
import tracemalloc
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.model.exercise import Exercise, Limits
from grader.model.submission import Failure, Outcome, Submission
from grader.numbers import Numbers, from_nested
from grader.sandbox import calls, wire
from grader.sandbox.process import HOME

pytestmark = pytest.mark.pythons  # marshal and struct

ITEM = {name: struct.calcsize("<" + letter) for name, letter in calls.DTYPES.items()}
FINITE = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.recursive(
    st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def _child() -> Any:
    """Load child.py as a module of its own; no module of the grader imports it."""
    spec = importlib.util.spec_from_file_location("grader_child_under_test", Path(HOME, "child.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        for folder in (Path(HOME), Path(HOME, "inside")):
            patch.syspath_prepend(str(folder))
        spec.loader.exec_module(module)
    return module


child = _child()


def read(body: bytes) -> Any:
    """Return the arguments of a call as the child reads them."""
    assert wire.frame_type(body) == b"C"
    return calls.arguments_of(np, body)


def answered(result: Any, outputs: int = 1, **arguments: Any) -> Any:
    """Return the frame that the child sends after a function returned `result`."""
    worker = child.Worker(np, -1, -1)
    worker.functions, worker.form = ((lambda **_: result), None), calls.PLAIN | {"outputs": outputs}
    return worker.call(wire.call(arguments))


def value_frame(*arrays: np.ndarray[Any, Any], changed: bytes = b"") -> bytes:
    """Write a value frame by the book, without the child."""
    body = b"V" + bytes([len(changed)]) + changed + bytes([len(arrays)])
    for array in arrays:
        body += bytes([list(calls.DTYPES).index(array.dtype.name), array.ndim])
        body += struct.pack(f"<{array.ndim}Q", *array.shape) + array.astype(array.dtype.newbyteorder("<")).tobytes()
    return body


def failure_frame(code: int, line: int, *texts: bytes) -> bytes:
    return b"F" + bytes([code]) + struct.pack("<I", line) + b"".join(struct.pack("<I", len(t)) + t for t in texts)


ARRAYS = hnp.arrays(
    st.sampled_from(list(calls.DTYPES)).map(np.dtype),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
VALUE_FRAMES = st.builds(
    lambda arrays, changed: (value_frame(*arrays, changed=bytes(changed)), len(arrays)),
    st.lists(ARRAYS, min_size=1, max_size=3),
    st.lists(st.integers(0, 255), max_size=3),
)
FAILURE_FRAMES = st.builds(
    lambda code, line, texts: failure_frame(code, line, *texts),
    st.integers(0, 255),
    st.integers(0, 2**32 - 1),
    st.lists(st.binary(max_size=40), max_size=5),
)


def check_value(frame: bytes, outputs: int) -> wire.Value | None:
    """Read a frame: it is refused, or everything read from it is in it, byte for byte."""
    try:
        value = wire.value(frame, outputs)
    except wire.Malformed:
        return None
    assert len(value.arrays) == outputs
    size = 3 + len(value.changed)
    for array in value.arrays:
        assert len(array.shape) <= 8
        assert math.prod(array.shape) == len(array.cells)
        size += 2 + 8 * len(array.shape) + len(array.cells) * ITEM[array.dtype]
    assert size == len(frame)
    return value


def check_failure(frame: bytes) -> None:
    try:
        outcome = wire.failure(frame)
    except wire.Malformed:
        return
    assert outcome.value is None
    assert outcome.failure in calls.FAILURES
    assert 0 <= outcome.line < 2**32
    assert len(outcome.names) <= 100
    for text in (outcome.text, outcome.file, *outcome.names):
        assert len(text) < 9000
        assert not any(ord(c) < 32 and c not in "\n\t" for c in text)
    assert "\n" not in outcome.file + "".join(outcome.names)


def test_each_dtype_has_a_letter_of_its_size_and_kind() -> None:
    for name, letter in calls.DTYPES.items():
        assert np.dtype(f"<{letter}") == np.dtype(name)


def test_the_largest_answer_fits_into_a_frame() -> None:
    assert wire.MOST_BYTES > 8 * calls.MOST_CELLS + 255 * 70  # 70 bytes for the head of an array
    assert set(calls.FAILURES) < set(get_args(Failure))


def test_programs_can_import_no_module_of_the_untrusted_side() -> None:
    sent = {"outline", "effects", "self_test"}  # these are sent as programs; no process imports them
    modules = {path.stem for path in (Path(HOME, "child.py"), *Path(HOME, "inside").glob("*.py"))}
    assert {*child.MODULES} == modules - sent | {"calls"}


# to the child


@given(hnp.arrays("f8", hnp.array_shapes(min_dims=0, max_dims=4, max_side=5), elements=FINITE))
def test_arrays_reach_the_child_as_they_are(array: np.ndarray[Any, Any]) -> None:
    (given,) = read(wire.call({"input": from_nested(array.tolist())})).values()
    assert isinstance(given, np.ndarray)
    assert (given.shape, given.dtype) == (array.shape, np.dtype("f8"))
    assert given.tobytes() == array.tobytes()
    assert given.flags.writeable
    assert not isinstance(given.base, bytes)  # a copy, not a window on the frame


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 2)])
def test_empty_arrays_reach_the_child_as_they_are(shape: tuple[int, ...]) -> None:
    assert read(wire.call({"input": Numbers(shape, ())}))["input"].shape == shape


@given(st.dictionaries(st.text(max_size=8), PLAIN, max_size=4))
def test_plain_values_reach_the_child_as_they_are(arguments: dict[str, Any]) -> None:
    given = read(wire.call(arguments))
    assert repr(given) == repr(arguments)  # of the same types too, and in the same order


def test_infinities_and_nan_reach_the_child() -> None:
    given = read(wire.call({"a": math.inf, "b": -math.inf, "c": math.nan}))
    assert repr(given) == "{'a': inf, 'b': -inf, 'c': nan}"


def test_text_reaches_the_child_interned() -> None:
    given = read(wire.call({"padding": "sa" + "me" * 1}))["padding"]
    assert given is sys.intern("same")


def test_program_reaches_the_child_as_it_is() -> None:
    cells, modules = (("ex1.py", "x = 'Größe'\n"), ("b", "")), (("helper.py", "y\n"),)
    submission = Submission("", "", "ex1", "notebook", "ex1.ipynb", cells, modules)
    limits = Limits(memory_limit=7, total_limit=3.5)
    extra: dict[str, Any] = {"allow": ("numpy", "torch"), "forbid": ("conv2d", "aten.dot"), "outputs": ("a", "b")}
    exercise = Exercise("", "", "", "conv2d(input)", 1, (), limits=limits, **extra)
    body = wire.load(submission, exercise, ("numpy", "sympy", "torch"))
    assert wire.frame_type(body) == b"L"
    assert marshal.loads(body[1:]) == {
        "memory": 7,
        "seconds": 5,
        "name": "conv2d",
        "form": calls.PLAIN | {"name": "conv2d", "outputs": 2, "names": ("a", "b")},
        "allowed": ("numpy", "torch"),
        "readable": ("numpy", "sympy", "torch"),
        "rules": [("conv2d", "conv(?!ert)"), ("aten.dot", "^dot$")],
        "notebook": True,
        "cells": cells,
        "modules": modules,
        "omitted": (),
    }


# from the child


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("name", calls.DTYPES)
def test_every_dtype_comes_back_exactly(name: str, order: Literal["<", ">"]) -> None:
    dtype = np.dtype(name)
    if dtype.kind == "f":
        extremes = [np.finfo(dtype).min, np.finfo(dtype).max, np.finfo(dtype).tiny, -0.0, math.inf, 1 / 3]
    else:
        extremes = [np.iinfo(dtype).min, np.iinfo(dtype).max, 0, 1, 2, 3]
    array = np.array(extremes, dtype).reshape(2, 3)
    frame = answered(array.astype(dtype.newbyteorder(order)))
    assert frame == value_frame(array)
    (given,) = wire.value(frame, 1).arrays
    assert given == Numbers((2, 3), tuple(array.ravel().tolist()), name)
    assert {type(cell) for cell in given.cells} == {int if dtype.kind in "iu" else float}


@given(ARRAYS)
def test_any_array_comes_back_exactly(array: np.ndarray[Any, Any]) -> None:
    (given,) = wire.value(answered(array), 1).arrays
    assert (given.shape, given.dtype) == (array.shape, array.dtype.name)
    assert repr(given.cells) == repr(tuple(array.ravel().tolist()))  # nan is nan


@given(st.lists(ARRAYS, min_size=2, max_size=4))
def test_several_outputs_come_back_in_order(arrays: list[np.ndarray[Any, Any]]) -> None:
    frame = answered(tuple(arrays), len(arrays))
    assert frame == value_frame(*arrays)
    given = wire.value(frame, len(arrays)).arrays
    assert [a.shape for a in given] == [a.shape for a in arrays]


@given(st.lists(hnp.arrays("f8", hnp.array_shapes(min_dims=0, max_dims=4, min_side=0)), min_size=1, max_size=3))
def test_known_answers_are_written_as_the_child_writes_them(arrays: list[np.ndarray[Any, Any]]) -> None:
    frame = answered(arrays[0] if len(arrays) == 1 else tuple(arrays), len(arrays))
    assert wire.encoded(wire.value(frame, len(arrays)).arrays) == frame


def test_an_answer_out_of_turn_is_malformed() -> None:
    numbered = b"A" + (7).to_bytes(4, "little") + answered(1.0)
    known = {answered(2.0): Outcome(text="known")}
    assert wire.answer(numbered, 7, 1, {}, known).value == (Numbers((), (1.0,)),)
    assert wire.answer(numbered[:5] + answered(2.0), 7, 1, {}, known).text == "known"
    for number in (6, 8, 1 << 24):
        with pytest.raises(wire.Malformed, match="out of turn"):
            wire.answer(numbered, number, 1, {}, known)
    for frame in (b"", b"A", numbered[:5], numbered[5:], b"V" + numbered[1:]):
        with pytest.raises(wire.Malformed):
            wire.answer(frame, 7, 1, {}, known)


@pytest.mark.parametrize("outputs", [1, 3, 255])
def test_another_number_of_outputs_is_malformed(outputs: int) -> None:
    frame = answered((np.zeros(2), np.zeros(3)), 2)
    with pytest.raises(wire.Malformed, match=f"2 results instead of {outputs}"):
        wire.value(frame, outputs)


def test_long_doubles_come_as_doubles() -> None:
    assert wire.value(answered(np.longdouble(0.1)), 1).arrays == (Numbers((), (0.1,)),)


def test_changed_arguments_are_named_by_order() -> None:
    def change(a: Any, b: Any, c: Any, n: float) -> Any:
        a += 1
        c[...] = np.nan
        return b

    worker = child.Worker(np, -1, -1)
    worker.functions = change, None
    grid = from_nested([[1, 2]])
    value = wire.value(worker.call(wire.call({"a": grid, "n": 1.0, "b": grid, "c": grid})), 1)
    assert value.changed == (0, 2)


@pytest.mark.parametrize("failure", calls.FAILURES)
def test_every_failure_comes_back(failure: str) -> None:
    outcome = wire.failure(calls.failed(calls.Failed(failure, "Größe\nx", "ex1.py", 2**32 - 1, ["conv2D", "b"])))
    assert (outcome.failure, outcome.text, outcome.file) == (failure, "Größe\nx", "ex1.py")
    assert (outcome.line, outcome.names) == (2**32 - 1, ("conv2D", "b"))


def test_the_results_of_the_first_function_come_back_with_the_failure_of_the_second() -> None:
    worker = child.Worker(np, -1, -1)
    worker.functions = (lambda cache: None), (lambda x: (x + 1, x))
    first = calls.PLAIN | {"outputs": 2, "of": 2, "items": (0,), "argument": "cache", "item": 1}
    worker.form = calls.PLAIN | {"earlier": first}
    frame = worker.call(wire.call({"cache": {"x": from_nested([1, 2])}}))
    outcome = wire.outcome(frame, 2, {}, earlier=1)
    assert outcome.failure == "not_numeric"
    assert [array.cells for array in outcome.earlier] == [(2, 3)]
    for end in range(len(frame)):
        with pytest.raises(wire.Malformed):
            wire.outcome(frame[:end], 2, {}, earlier=1)
    for earlier in (0, 2):
        with pytest.raises(wire.Malformed):
            wire.outcome(frame, 2, {}, earlier=earlier)


def test_texts_come_back() -> None:
    assert wire.texts(b"R" + calls.texts("3.11.7", "2.4.6")) == ["3.11.7", "2.4.6"]


# forged frames


@given(st.binary(max_size=200), st.integers(1, 3))
def test_any_bytes_are_a_value_or_malformed(data: bytes, outputs: int) -> None:
    check_value(data, outputs)
    check_value(b"V\0" + bytes([outputs]) + data, outputs)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_failure_or_malformed(data: bytes) -> None:
    check_failure(data)
    check_failure(b"F\0" + data)


@given(VALUE_FRAMES)
def test_value_frames_are_read_whole_or_not_at_all(made: tuple[bytes, int]) -> None:
    frame, outputs = made
    assert check_value(frame, outputs)
    for end in range(len(frame)):
        assert check_value(frame[:end], outputs) is None
    for more in (b"\0", b"\0" * 8, frame):
        assert check_value(frame + more, outputs) is None


@given(VALUE_FRAMES, st.data())
def test_value_frames_with_a_changed_byte_do_no_harm(made: tuple[bytes, int], data: st.DataObject) -> None:
    frame, outputs = made
    at = data.draw(st.integers(0, len(frame) - 1))
    check_value(frame[:at] + bytes([data.draw(st.integers(0, 255))]) + frame[at + 1 :], outputs)


@given(VALUE_FRAMES, FAILURE_FRAMES, st.data())
def test_both_in_one_frame_with_a_changed_byte_do_no_harm(
    made: tuple[bytes, int], failed: bytes, data: st.DataObject
) -> None:
    frame = b"E" + struct.pack("<I", len(made[0])) + made[0] + failed
    at = data.draw(st.integers(0, len(frame) - 1))
    with contextlib.suppress(wire.Malformed):
        wire.outcome(frame[:at] + bytes([data.draw(st.integers(0, 255))]) + frame[at + 1 :], made[1], {})


@given(FAILURE_FRAMES, st.binary(max_size=8), st.data())
def test_failure_frames_cut_or_longer_do_no_harm(frame: bytes, more: bytes, data: st.DataObject) -> None:
    check_failure(frame)
    check_failure(frame + more)
    for end in range(len(frame)):
        check_failure(frame[:end])
    at = data.draw(st.integers(0, len(frame) - 1))
    check_failure(frame[:at] + bytes([data.draw(st.integers(0, 255))]) + frame[at + 1 :])


@pytest.mark.parametrize(
    "frame",
    [
        failure_frame(0, 0),
        failure_frame(0, 0, b"ex1.py"),
        failure_frame(len(calls.FAILURES), 0, b"", b""),
        failure_frame(255, 0, b"", b""),
        failure_frame(0, 0, b"", b"")[:-1],
        failure_frame(0, 0, b"", b"") + struct.pack("<I", 2**32 - 1),
        failure_frame(0, 0, b"", b"") + struct.pack("<I", 1),
        b"F",
        b"",
    ],
    ids=lambda frame: frame[:16].hex() or "empty",
)
def test_forged_failure_is_malformed(frame: bytes) -> None:
    with pytest.raises(wire.Malformed):
        wire.failure(frame)


def head(code: int, *shape: int, axes: int | None = None) -> bytes:
    """Write the head of one array: its sizes may be anything."""
    count = len(shape) if axes is None else axes
    return b"V\0\1" + bytes([code, count]) + struct.pack(f"<{len(shape)}Q", *shape)


@pytest.mark.parametrize(
    "frame",
    [
        head(10, 2**64 - 1),
        head(10, 2**64 - 1, 0),
        head(10, 0, 2**40),
        head(10, 2**32, 2**32),
        head(0, *[2**64 - 1] * 8),
        head(0, wire.MOST_BYTES),
        head(10, wire.MOST_BYTES // 8) + bytes(64),
        head(10, 2) + bytes(15),
        head(10, 2) + bytes(17),
        head(len(calls.DTYPES)) + bytes(8),
        head(255) + bytes(8),
        head(10, *[1] * 9) + bytes(8),
        head(10, axes=255) + bytes(8 * 256),
        head(10, axes=8),
        b"V\xff" + bytes(100),
        b"V\0\xff" + bytes(100),
        b"V\0\0",
        b"V",
        b"",
    ],
    ids=lambda frame: frame[:16].hex() or "empty",
)
def test_forged_sizes_are_malformed_and_take_no_memory(frame: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(wire.Malformed):
            wire.value(frame, 1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000


def test_failure_of_a_million_texts_takes_little_memory() -> None:
    frame = failure_frame(0, 0) + bytes(4 << 20)
    tracemalloc.start()
    try:
        with pytest.raises(wire.Malformed):
            wire.failure(frame)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


def test_value_of_a_million_cells_takes_little_memory() -> None:
    frame = head(0, 8 << 20) + bytes(8 << 20)
    tracemalloc.start()
    try:
        with pytest.raises(wire.Malformed):
            wire.value(frame, 1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20
