"""What misconceptions answer to an exercise's visible cases, stored beside it in `<id>.misconceptions`.

The file saves a wrong answer from importing NumPy: it holds the answers of each single misconception (not of pairs) to
the cases and to the operator's small samples, and the arithmetic of each cell of a right answer. It depends on the
exercise alone, `grade verify --write` writes it, and grading opens it only after a wrong answer. A digest tells whether
it is whole, another one whether it belongs to this exercise; without a usable file, everything is computed.

    case = stored_case([right, flipped, …], [1, 2, …], {}, [])  # answers, and which of them each misconception gives
    answers = MisconceptionAnswers(by(), question(exercise), ((id, says), …), "input", {"stride 2": case}, ())
    replace(path(folder, exercise.id), encode(answers))  # in `grade verify --write`
    found = load(folder, exercise)    # None where nothing usable is stored: compute the answers, or do without
    found.cases["stride 2"].answer(7)  # what misconception 7 of the list answers: Numbers per output, None for a crash

Like the reference answers, it never enters the process that runs a student's code. It holds nothing of hidden cases.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from grader import __version__
from grader.model.exercise import Case, Exercise
from grader.numbers import Numbers, plain

FORMAT = 1
MOST_BYTES = 50_000_000  # of the file's content
_DIGEST = hashlib.sha256().digest_size

Answer: TypeAlias = "tuple[Numbers, ...] | None"  # one array per output, or None where the misconception crashes


class StoredCell(msgspec.Struct, frozen=True, array_like=True):
    """How one cell of a right answer comes about: see `CellArithmetic`."""

    text: str
    value: float
    reads: tuple[tuple[int, ...], ...]


class StoredCase(msgspec.Struct, frozen=True, array_like=True):
    """What misconceptions answer to a case. Each answer stays packed until it is needed: most are not.

    `packed` are the different answers, the right one first; `indices` holds for each misconception, in the file's
    order, which of them is its own. `noisy` holds by position the answers to inputs a little smaller and a little
    larger, for misconceptions whose answer that changes. `cells` are those of the right answer in row-major order, per
    output, or nothing.
    """

    packed: tuple[bytes, ...]
    indices: tuple[int, ...]
    noisy: dict[int, tuple[bytes, ...]] = {}
    cells: tuple[tuple[bytes, ...], ...] = ()

    @property
    def expected(self) -> tuple[Numbers, ...]:
        """The right answer."""
        return _unpack(self.packed[0]) or ()

    def answer(self, position: int) -> Answer:
        """Return the answer of the misconception at a position of the file's list."""
        return _unpack(self.packed[self.indices[position]])

    def noisy_answers(self, position: int) -> list[Answer]:
        """Return its answers to slightly other inputs, or nothing where they are the same."""
        return [_unpack(data) for data in self.noisy.get(position, ())]

    def cell(self, output: int, place: int) -> StoredCell:
        """Return the arithmetic of a cell of the right answer."""
        return msgspec.msgpack.decode(self.cells[output][place], type=StoredCell)


def stored_case(
    answers: Iterable[Answer],
    indices: Iterable[int],
    noisy: Mapping[int, Sequence[Answer]],
    cells: Iterable[Sequence[StoredCell]],
) -> StoredCase:
    """Return a case in packed form."""
    return StoredCase(
        tuple(map(_pack, answers)),
        tuple(indices),
        {position: tuple(map(_pack, others)) for position, others in noisy.items()},
        tuple(tuple(map(msgspec.msgpack.encode, each)) for each in cells),
    )


_Packed = tuple[tuple[tuple[int, ...], tuple[float, ...], str], ...] | None


def _pack(answer: Answer) -> bytes:
    outputs = answer and [(value.shape, tuple(map(plain, value.cells)), value.dtype) for value in answer]
    return msgspec.msgpack.encode(outputs)


def _unpack(data: bytes) -> Answer:
    outputs = msgspec.msgpack.decode(data, type=_Packed)
    return None if outputs is None else tuple(Numbers(*output) for output in outputs)


class StoredSample(msgspec.Struct, frozen=True, array_like=True):
    """A small sample as a case, and what misconceptions answer to it."""

    case: Case
    stored: StoredCase


class MisconceptionAnswers(msgspec.Struct, frozen=True, array_like=True):
    """The content of a file.

    `misconceptions` holds ids and what they say to the student; `first` is the name of the operator's first input. A
    case may be missing where its answers are too large. The samples are sorted by size, smallest first.
    """

    by: str
    question: str
    misconceptions: tuple[tuple[str, str], ...]
    first: str
    cases: dict[str, StoredCase]
    samples: tuple[StoredSample, ...]


class Unusable(ValueError):
    """A file is broken, or of another exercise or version. The message says which."""


def path(folder: Path, name: str) -> Path:
    """Return the place of an exercise's file."""
    return folder / f"{name}.misconceptions"


def by() -> str:
    """Return what computes the answers: another version may know other misconceptions."""
    return f"torch-grader {__version__}"


def question(exercise: Exercise) -> str:
    """Return the digest of what the answers depend on; hidden cases do not count."""
    cases = [(case.name, case.inputs, case.fields) for case in exercise.cases if not case.hidden]
    asked = [exercise.op, exercise.given, exercise.fixed, exercise.signature, exercise.outputs, exercise.batch, cases]
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()[:16]


def encode(answers: MisconceptionAnswers) -> bytes:
    """Return the content of a file: equal answers give equal bytes."""
    data = zlib.compress(msgspec.msgpack.encode((FORMAT, answers)), 9)
    return hashlib.sha256(data).digest() + data


def decode(data: bytes, exercise: Exercise) -> MisconceptionAnswers:
    """Read the content of a file. Raise Unusable where it is broken, or not of this exercise and version."""
    if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
        raise Unusable("the file is broken")
    try:
        reader = zlib.decompressobj()
        content = reader.decompress(data[_DIGEST:], MOST_BYTES)
        format, answers = msgspec.msgpack.decode(content, type=tuple[int, MisconceptionAnswers])
    except (zlib.error, msgspec.MsgspecError):
        raise Unusable("the file is of another format") from None
    if format != FORMAT or answers.by != by():
        raise Unusable(f"the file was written by {answers.by}, not by {by()}")
    if answers.question != question(exercise):
        raise Unusable("the file is older than the spec")
    return answers


def load(folder: Path, exercise: Exercise) -> MisconceptionAnswers | None:
    """Return an exercise's stored answers, or None without a usable file: grading works without one."""
    try:
        return decode(path(folder, exercise.id).read_bytes(), exercise)
    except (OSError, Unusable):
        return None
