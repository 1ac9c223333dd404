"""The element-wise product of two grids (deck: Convolutional Operation, Element-wise Multiplication Matrix)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, ClassVar

import numpy as np

from grader.ops.base import (
    Array,
    Cell,
    Misconception,
    Op,
    OpError,
    Sample,
    Shape,
    Vary,
    check_at,
    counting,
    number,
    numbers,
    tensor,
    term,
)

MUL = (
    Misconception(
        "matrix-product",
        "You multiply the matrices (rows by columns) instead of cell by cell.",
        "`@` and `np.dot` sum products along a row and a column; the element-wise product never adds.",
        "Multiply the two numbers that stand at the same place: `a * b`.",
        lambda op, a, b: a @ b,
    ),
    Misconception(
        "sum-for-product",
        "You add the two numbers of a cell instead of multiplying them.",
        "The slide defines C[i, j] = A[i, j] × B[i, j].",
        "Use `*` between the two cells.",
        lambda op, a, b: a + b,
    ),
    Misconception(
        "difference-for-product",
        "You subtract the second number of a cell instead of multiplying by it.",
        "The slide defines C[i, j] = A[i, j] × B[i, j].",
        "Use `*` between the two cells.",
        lambda op, a, b: a - b,
    ),
    Misconception(
        "quotient-for-product",
        "You divide by the second number of a cell instead of multiplying by it.",
        "The slide defines C[i, j] = A[i, j] × B[i, j].",
        "Use `*` between the two cells.",
        lambda op, a, b: np.divide(a, b, out=np.full(a.shape, np.inf), where=b != 0),
    ),
    Misconception(
        "second-transposed",
        "You read the second matrix with rows and columns exchanged.",
        "C[i, j] needs B[i, j]; B[j, i] is the number on the other side of the diagonal.",
        "Use the same two indices, in the same order, for both matrices.",
        lambda op, a, b: a * b.T,
    ),
    Misconception(
        "first-squared",
        "You multiply the first matrix by itself and never use the second one.",
        "C[i, j] is A[i, j] × B[i, j], not A[i, j]².",
        "Read one factor from each matrix.",
        lambda op, a, b: a * a,
    ),
    Misconception(
        "second-squared",
        "You multiply the second matrix by itself and never use the first one.",
        "C[i, j] is A[i, j] × B[i, j], not B[i, j]².",
        "Read one factor from each matrix.",
        lambda op, a, b: b * b,
    ),
    Misconception(
        "products-summed",
        "You add up all products instead of keeping each one in its own cell.",
        "Summing the products is the next step, the convolution; the element-wise product is a whole matrix.",
        "Return the matrix of products without `sum`.",
        lambda op, a, b: np.sum(a * b),
    ),
    Misconception(
        "first-row-for-all",
        "You multiply every row by the first row of the second matrix.",
        "Each row of A has its own row of B as partner.",
        "Let the row index run over both matrices.",
        lambda op, a, b: a * b[:1],
    ),
    Misconception(
        "last-row-missing",
        "Your loop stops before the last row and leaves zeros there.",
        "`range(n - 1)` ends at n − 2; the last index is n − 1.",
        "Loop over `range(rows)`.",
        lambda op, a, b: np.concatenate([(a * b)[:-1], np.zeros_like(a[:1])]),
    ),
    Misconception(
        "last-column-missing",
        "Your loop stops before the last column and leaves zeros there.",
        "`range(n - 1)` ends at n − 2; the last index is n − 1.",
        "Loop over `range(columns)`.",
        lambda op, a, b: np.concatenate([(a * b)[:, :-1], np.zeros_like(a[:, :1])], axis=1),
    ),
    Misconception(
        "square-only",
        "You use the number of rows as the number of columns, too.",
        "`n = a.shape[0]` used for both axes works on square matrices only.",
        "Read both: `rows, columns = a.shape`.",
        lambda op, a, b: _square(a * b),
    ),
    Misconception(
        "fraction-cut",
        "You store the result as whole numbers, so the fractions are cut off.",
        "`np.zeros(shape, dtype=int)` drops the digits after the decimal point.",
        "Create the output with floats: `np.zeros(shape)`.",
        lambda op, a, b: np.trunc(a * b),
    ),
    Misconception(
        "byte-overflow",
        "You store the result as bytes (`uint8`), so values below 0 or above 255 wrap around.",
        "A byte counts modulo 256: 300 becomes 44 and −1 becomes 255.",
        "Create the output with floats: `np.zeros(shape)`.",
        lambda op, a, b: np.trunc(a * b) % 256,
    ),
    Misconception(
        "magnitude",
        "You lose the sign: negative products come out positive.",
        "A negative times a positive number is negative.",
        "Remove `abs` (or the square root of a square).",
        lambda op, a, b: np.abs(a * b),
    ),
)


def _square(result: Array) -> Array:
    rows, columns = result.shape
    if rows > columns:
        raise IndexError(f"index {columns} is out of bounds for axis 1 with size {columns}")
    return result[:, :rows]


class Mul(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """C = A × B cell by cell, for two grids of the same shape M×N. Torch: ``torch.mul``."""

    names: ClassVar[Any] = ("a", "b")
    formula: ClassVar[Any] = "C[i, j] = A[i, j] × B[i, j]"
    misconceptions: ClassVar[Any] = MUL

    def shape(self, *shapes: Shape) -> Shape:
        a, b = shapes
        if a != b:
            raise OpError(f"`a` has shape {a} and `b` has shape {b}; they must be equal")
        return a

    def __call__(self, *inputs: Array) -> Array:
        a, b = inputs
        self.shape(a.shape, b.shape)
        return np.multiply(a, b)

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        a, b = inputs
        at = check_at(at, a.shape)
        value = float(a[at] * b[at])
        return Cell(value, f"{term(a[at])}×{term(b[at])} = {number(value)}", (at,))

    def reference(self, torch: Any, *inputs: Array) -> Array:
        result: Array = torch.mul(*(tensor(torch, i) for i in inputs)).numpy()
        return result

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        for shape in ((1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3), (4, 5)):
            yield Sample(cls(), (counting(shape), counting(shape, -3)))
            yield Sample(cls(), (counting(shape, -2) / 4, counting(shape, 2)))
            yield Sample(cls(), (counting(shape, 100), counting(shape, 3)[::-1]))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        shape = (random.randint(1, 6), random.randint(1, 6))
        return Sample(cls(), (numbers(random, shape), numbers(random, shape)))
