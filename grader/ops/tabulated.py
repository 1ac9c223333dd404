"""Operators whose answers are stored: an author's own function computed them, and grading never runs it.

Such an operator answers the questions of its table and no others. It knows its inputs' shapes, draws new ones, and has
the misconceptions whose answers are in the table; the arithmetic of a cell it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from random import Random
from typing import Any, ClassVar, NamedTuple

import msgspec
import numpy as np

from grader.ops.base import Array, Cell, Misconception, Op, OpError, Sample, Shape, Vary, check_at, each_output, number

PARTS = 10_000  # of 1, in which fractions are drawn: rounding to three decimals costs more than the tolerance


class Input(NamedTuple):
    """An input: its shape in numbers and names of sizes, the range of its cells, whether they are drawn as whole.

    Cells of `integers` must be whole in every case.
    """

    shape: tuple[int | str, ...]
    low: float
    high: float
    whole: bool
    integers: bool = False


class Row(NamedTuple):
    """A question with its answers: the reference's, and those of the misconceptions by id (None: an exception).

    `hidden` tells that it must not serve as an example.
    """

    hidden: bool
    op: Tabulated
    inputs: tuple[Array, ...]
    answer: tuple[Array, ...]
    mistaken: Mapping[str, tuple[Array, ...] | None]


class Tabulated(Op, frozen=True):
    """Base of the operators that `tabulated` makes."""

    whole: ClassVar[tuple[str, ...]]
    described: ClassVar[dict[str, Input]]
    sizes: ClassVar[dict[str, tuple[int, int]]]
    choices: ClassVar[dict[str, tuple[Any, ...]]]
    table: ClassVar[dict[bytes, Row]]

    def __call__(self, *inputs: Array) -> tuple[Array, ...]:
        """Return the stored answer. Raise OpError where there is none."""
        return self._row(inputs).answer

    def mistaken(self, id: str, *inputs: Array) -> tuple[Array, ...]:
        """Return the stored answer of a misconception. Raise OpError where it raised an exception."""
        answer = self._row(inputs).mistaken.get(id)
        if answer is None:
            raise OpError("it raises an exception")
        return answer

    def _row(self, inputs: Sequence[Array]) -> Row:
        row = self.table.get(self.key(*inputs))
        if row is None:
            raise OpError("the answer to these inputs is not stored")
        return row

    def key(self, *inputs: Array) -> bytes:
        """Return what identifies a question: the fields and the inputs."""
        return msgspec.json.encode([msgspec.structs.asdict(self), [(i.shape, i.ravel().tolist()) for i in inputs]])

    def shapes(self, *inputs: Array) -> tuple[Shape, ...]:
        """Return the shapes of the stored answer; none where the author's function has not answered yet."""
        row = self.table.get(self.key(*inputs))
        return tuple(output.shape for output in row.answer) if row else ()

    def check(self, most: int, *inputs: Array) -> None:
        """Raise OpError if the inputs do not have the shapes that the spec describes; the answers are not known yet."""
        found: dict[str, tuple[int, str]] = {}
        for (name, it), value in zip(self.described.items(), inputs, strict=True):
            if it.integers and not bool((value == np.rint(value)).all()):
                raise OpError(f"`{name}` holds a fraction, but its `dtype` is int64")
            if value.ndim != len(it.shape):
                raise OpError(f"`{name}` has {_axes(value.ndim)}, but its `shape` is {_shown(it.shape)}")
            for size, axis in zip(value.shape, it.shape, strict=True):
                due, why = (axis, "") if isinstance(axis, int) else found.setdefault(axis, (size, f" in `{name}`"))
                if size != due:
                    says = f"`{name}` has the shape {_shown(value.shape)} for {_shown(it.shape)}"
                    raise OpError(f"{says}: {axis} is {due}{why}" if why else f"{says}: {due} is needed, not {size}")

    def cell(self, at: Sequence[int], *inputs: Array, output: int = 0) -> Cell:
        """Return a cell's value; its text holds no arithmetic."""
        answer = each_output(self(*inputs))[output]
        value = float(answer[check_at(at, answer.shape)])
        return Cell(value, number(value), ())

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        """Yield the questions of the table that are not hidden, smallest first."""
        shown = [row for row in cls.table.values() if not row.hidden]
        for row in sorted(shown, key=lambda row: sum(value.size for value in row.inputs)):
            yield Sample(row.op, row.inputs)

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        """Draw the sizes, then the arrays, then the fields."""
        sizes = {name: random.randint(*span) for name, span in cls.sizes.items()}
        inputs = []
        for it in cls.described.values():
            shape = tuple(sizes[axis] if isinstance(axis, str) else axis for axis in it.shape)
            parts = 1 if it.whole else PARTS
            low, high = round(it.low * parts), round(it.high * parts)
            cells = [random.randint(low, high) for _ in range(prod(shape))]
            inputs.append(np.array(cells, dtype=np.float64).reshape(shape) / parts)
        return Sample(cls(**{name: random.choice(values) for name, values in cls.choices.items()}), tuple(inputs))


def tabulated(
    inputs: dict[str, Input],
    sizes: dict[str, tuple[int, int]],
    choices: dict[str, tuple[Any, ...]],
    outputs: tuple[str, ...],
    misconceptions: Sequence[tuple[str, str, str, str]],
    formula: str,
) -> type[Tabulated]:
    """Make an operator with an empty table. A misconception is its id and its three texts."""
    fields = [(name, _kind(values)) for name, values in choices.items()]
    known = tuple(Misconception(*texts, _stored(texts[0])) for texts in misconceptions)
    made: Any = msgspec.defstruct(
        "torch",
        fields,
        bases=(Tabulated,),
        namespace={
            "names": tuple(inputs),
            "outputs": outputs,
            "formula": formula,
            "misconceptions": known,
            "described": inputs,
            "whole": tuple(name for name, it in inputs.items() if it.integers),
            "sizes": sizes,
            "choices": choices,
            "table": {},
        },
        frozen=True,
        kw_only=True,
    )
    return made  # type: ignore[no-any-return]


def _stored(id: str) -> Any:
    return lambda op, *inputs: op.mistaken(id, *inputs)


def _kind(values: Sequence[Any]) -> Any:
    """Return the type of a field from the values that it may be drawn from."""
    kind: Any = None
    for value in values:
        one = tuple[int, ...] if isinstance(value, tuple) else type(value)
        kind = one if kind is None else kind | one
    return kind


def _axes(count: int) -> str:
    return f"{count} {'axis' if count == 1 else 'axes'}"


def _shown(shape: Sequence[int | str]) -> str:
    return f"[{', '.join(map(str, shape))}]"
