"""Write frames for a student's process, and strictly read the frames that come back. Trusted side.

No object is built because an untrusted process asks for it: frame types, dtypes and sizes form a closed list, and sizes
are checked as Python integers before a byte is kept. The grader writes its own frames with marshal, because the child
runs the same interpreter and reads them five times as fast. The other half is child.py and calls.py; calls.py holds the
tables that both halves use.
"""

from __future__ import annotations

import marshal
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from grader.model.exercise import Exercise, Signature
from grader.model.submission import Outcome, Submission
from grader.numbers import Numbers, extent
from grader.sandbox.calls import DTYPES, FAILURES, MOST_CELLS, PLAIN
from grader.text import clean, one_line

MOST_BYTES = 4 << 20
MOST_FAILURE = 1 << 20
MOST_BATCH = 48 << 10  # bytes of the calls in one frame: with a pipe of the usual size the grader can send it at once
MOST_STATEMENTS = 100_000  # of which the parent is notified
MOST_LINE = 1 << 20  # no program has more characters
MOST_STOPS = 20  # statements that did not finish
_NAMES = tuple(DTYPES)


class Malformed(Exception):
    """What the process sent is not a valid frame."""


class Value(NamedTuple):
    """The arrays that a call returned, and the positions of the array arguments that it changed."""

    arrays: tuple[Numbers, ...]
    changed: tuple[int, ...]


class Request(NamedTuple):
    """A call to make: its arguments by name, the frame that holds them, and a limit other than the exercise's."""

    arguments: Mapping[str, Any]
    frame: bytes
    time_limit: float | None = None


class Statement(NamedTuple):
    """A statement that is running: its file, and its number in the file; 0 for none that can be omitted."""

    file: str
    number: int


class Stop(NamedTuple):
    """A top-level statement that did not finish. `failure` and `text` are those of an Outcome."""

    file: str
    line: int
    failure: str
    text: str


def load(
    submission: Submission, exercise: Exercise, readable: Sequence[str], omitted: tuple[Statement, str] | None = None
) -> bytes:
    """Write an `L` frame: the sources, the function to call, and the limits that the process sets for itself.

    `readable` are all packages that can be imported: the allowed ones and those that they need. `omitted` is a
    statement that is not to be run, and why.
    """
    limits, forbidden = exercise.limits, []
    if exercise.forbid:
        from grader.exercises.forbidden import pattern

        forbidden = [(name, pattern(name)) for name in exercise.forbid]
    return b"L" + marshal.dumps(
        {
            "memory": limits.memory_limit,
            "seconds": int(limits.total_limit) + 2,
            "name": exercise.name,
            "form": form(exercise),
            "allowed": exercise.allow,
            "readable": tuple(readable),
            "rules": forbidden,
            "notebook": submission.kind == "notebook",
            "cells": submission.cells,
            "modules": (*exercise.modules.items(), *submission.modules),
            "omitted": (*omitted[0], omitted[1]) if omitted else (),
        }
    )


def form(exercise: Exercise) -> dict[str, Any]:
    """Return how the untrusted side calls the function, and where the results are. It names no expected value."""
    found = PLAIN | {"name": exercise.name, "outputs": len(exercise.outputs), "names": exercise.outputs}
    if exercise.signature:
        found |= _form(exercise.signature)
        for name, argument in exercise.signature.arguments.items():
            if first := argument.earlier:
                own = {"name": first.function, "outputs": len(first.signature.returns), "argument": name}
                found["earlier"] = PLAIN | _form(first.signature) | own | {"item": first.item}
    return found


def _form(signature: Signature) -> dict[str, Any]:
    return {name: getattr(signature, name) for name in PLAIN if hasattr(signature, name)}


def call(arguments: Mapping[str, Any]) -> bytes:
    """Write a `C` frame: the arguments by name. Numbers become arrays, the rest plain Python values."""
    return b"C" + marshal.dumps({name: _packed(value) for name, value in arguments.items()})


def request(arguments: Mapping[str, Any], time_limit: float | None = None) -> Request:
    """Return a call with these arguments, ready to be sent any number of times."""
    return Request(arguments, call(arguments), time_limit)


def batch(requests: Sequence[Request], first: int) -> tuple[bytes, int]:
    """Write a `B` frame of as many requests as fit, at least one, numbered from `first`. Return it and their count."""
    count, size = 0, 0
    while count < len(requests) and (not count or size + len(requests[count].frame) <= MOST_BATCH):
        size += len(requests[count].frame)
        count += 1
    return b"B" + marshal.dumps((first, [request.frame for request in requests[:count]])), count


def _packed(value: Any) -> Any:
    """Return a value in which a list stands for each array: its shape, its cells as bytes, its dtype."""
    if isinstance(value, Numbers):
        return [value.shape, struct.pack(f"{len(value.cells)}{DTYPES[value.dtype]}", *value.cells), value.dtype]
    if isinstance(value, tuple):
        return tuple(map(_packed, value))
    if isinstance(value, dict):
        return {name: _packed(item) for name, item in value.items()}
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 1

    def take(self, count: int) -> bytes:
        if not 0 <= count <= len(self.data) - self.at:
            raise Malformed("a frame ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def integer(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def texts(self) -> list[str]:
        texts = []
        while self.at < len(self.data):
            texts.append(self.take(self.integer(4)).decode("utf-8", "replace"))
        return texts


def frame_type(frame: bytes) -> bytes:
    """Return the type of a frame."""
    return frame[:1]


def texts(frame: bytes) -> list[str]:
    """Read a frame of texts (`R`, `J`, `X`)."""
    return _Reader(frame).texts()


def value(frame: bytes, outputs: int) -> Value:
    """Read a value frame. Raise Malformed unless it is exactly `outputs` well-formed arrays."""
    reader = _Reader(frame)
    changed = tuple(reader.take(reader.integer(1)))
    count = reader.integer(1)
    if count != outputs:
        raise Malformed(f"{count} results instead of {outputs}")
    arrays = []
    for _ in range(count):
        code, axes = reader.integer(1), reader.integer(1)
        if code >= len(_NAMES) or axes > 8:
            raise Malformed("an array of an unknown dtype")
        shape = tuple(reader.integer(8) for _ in range(axes))
        cells, form = math.prod(shape), DTYPES[_NAMES[code]]
        if extent(shape) > MOST_CELLS:
            raise Malformed("an array far larger than any answer")
        data = reader.take(cells * struct.calcsize("<" + form))
        arrays.append(Numbers(shape, struct.unpack(f"<{cells}{form}", data), _NAMES[code]))
    if reader.at != len(frame):
        raise Malformed("a frame is longer than its content")
    return Value(tuple(arrays), changed)


def encoded(arrays: Sequence[Numbers]) -> bytes:
    """Write a value frame as the child does for arrays of float64, if the call changed no argument."""
    body = b"V\0" + bytes([len(arrays)])
    for array in arrays:
        form = f"<BB{len(array.shape)}Q{len(array.cells)}d"
        body += struct.pack(form, _NAMES.index("float64"), len(array.shape), *array.shape, *array.cells)
    return body


def answer(
    frame: bytes,
    number: int,
    outputs: int,
    arguments: Mapping[str, Any],
    known: Mapping[bytes, Outcome],
    earlier: int = 0,
) -> Outcome:
    """Read an `A` frame, the answer to the call of this number. Raise Malformed if it is not that.

    `known` holds what some frames say: equal bytes need not be read again. `earlier` of the outputs are those of the
    function that runs first.
    """
    if frame_type(frame) != b"A":
        raise Malformed("a frame of another type")
    if frame[1:5] != number.to_bytes(4, "little"):
        raise Malformed("an answer out of turn")
    return known.get(frame[5:]) or outcome(frame[5:], outputs, arguments, earlier)


def outcome(frame: bytes, outputs: int, arguments: Mapping[str, Any], earlier: int = 0) -> Outcome:
    """Read what is in the answer to a call with these arguments. Raise Malformed if it is not a value or a failure."""
    if frame_type(frame) == b"F":
        return failure(frame)
    if frame_type(frame) == b"E" and earlier:
        reader = _Reader(frame)
        first, failed = reader.take(reader.integer(4)), frame[reader.at :]
        if frame_type(first) != b"V" or frame_type(failed) != b"F":
            raise Malformed("a frame of another type")
        return msgspec.structs.replace(failure(failed), earlier=value(first, earlier).arrays)
    if frame_type(frame) != b"V":
        raise Malformed("a frame of another type")
    given = value(frame, outputs)
    if not given.changed:
        return Outcome(value=given.arrays)
    arrays = [name for name, argument in arguments.items() if isinstance(argument, Numbers)]
    return Outcome(value=given.arrays, changed=tuple(arrays[i] for i in given.changed if i < len(arrays)))


def statement(frame: bytes) -> Statement:
    """Read an `S` frame. It decides only which statement of the same program is omitted."""
    reader = _Reader(frame)
    number = reader.integer(4)
    return Statement(frame[reader.at :].decode("utf-8", "replace"), number)


def loop(frame: bytes, files: Sequence[str]) -> tuple[str, int]:
    """Read a `W` frame: the file and the line of a loop. Return no file and 0 for another frame or another file."""
    if frame_type(frame) != b"W" or len(frame) < 5:
        return "", 0
    line, file = int.from_bytes(frame[1:5], "little"), frame[5:].decode("utf-8", "replace")
    return (file, line) if file in files and 0 < line < MOST_LINE else ("", 0)


def stops(frame: bytes) -> tuple[Stop, ...]:
    """Read an `N` frame. Raise Malformed if it is not four texts for each statement."""
    fields = texts(frame)[: 4 * MOST_STOPS]
    if len(fields) % 4 or not all(line.isdecimal() and len(line) < 10 for line in fields[1::4]):
        raise Malformed("a frame of statements that is incomplete")
    rows = zip(*[iter(fields)] * 4, strict=True)
    return tuple(Stop(one_line(file), int(line), one_line(kind), one_line(text)) for file, line, kind, text in rows)


def failure(frame: bytes) -> Outcome:
    """Read a failure frame. Every text in it is untrusted and is cleaned."""
    if len(frame) > MOST_FAILURE:
        raise Malformed("a failure with too much text")
    reader = _Reader(frame)
    code, line = reader.integer(1), reader.integer(4)
    texts = reader.texts()
    if code >= len(FAILURES) or len(texts) < 2:
        raise Malformed("an unknown failure")
    file, text, *names = texts
    return Outcome(
        failure=FAILURES[code],  # type: ignore[arg-type]
        text=clean(text),
        file=one_line(file),
        line=line,
        names=tuple(one_line(name, 80) for name in names[:100]),
    )
