"""The misconceptions of operators in a row: those of each step, and those of the row itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from grader.ops.base import Array, Misconception
from grader.ops.convolution_misconceptions import CONV_2D, LOOPS
from grader.ops.pooling_misconceptions import MAX_2D, POOL_LOOPS

Run = Callable[..., Any]
_CONVOLUTION = {misconception.id for misconception in CONV_2D}
_SINGLE = {misconception.id for misconception in (*LOOPS, *POOL_LOOPS)}  # asked of single operators only
# A pooling that moves by its own size makes the first of these right and the others equal to another misconception.
_ELSEWHERE = ("size-input-over-stride", "size-input-over-stride-up", "zero-as-first-max", "loop-past-last-window")
# The maximum of rounded or clipped cells is the rounded or clipped maximum, so both steps give the same answers.
_TWINS = ("all-zero", "clipped-to-byte", "fraction-cut", "rounded", "input-transposed", "input-magnitude")


def _lifted(
    misconceptions: Sequence[Misconception], at: int, about: Collection[str], without: Collection[str] = ()
) -> Iterator[Misconception]:
    """Yield the misconceptions that step `at` can have if only the parameters in `about` exist.

    A pooling's misconception with the id of a convolution's becomes ``pool-…``.
    """

    def lift(run: Run) -> Run:
        return lambda op, *inputs: op.select(
            op.chain(inputs, lambda i, step, *given: run(step, *given) if i == at else step(*given))
        )

    for misconception in misconceptions:
        if set(misconception.about) <= set(about) and misconception.id not in (*without, *_SINGLE):
            misconception = msgspec.structs.replace(misconception, run=lift(misconception.run))
            if at and misconception.id in _CONVOLUTION:
                says = f"In the pooling, {misconception.says[0].lower()}{misconception.says[1:]}"
                misconception = msgspec.structs.replace(misconception, id=f"pool-{misconception.id}", says=says)
            yield misconception


def _answers(change: Callable[[Array, Array], Any]) -> Run:
    return lambda op, *inputs: change(*op(*inputs))


def _exchanged(op: Any, image: Array, kernel: Array, bias: Array) -> Array:
    convolution, pooling = op.steps()
    result: Array = convolution(pooling(image), kernel, bias)
    return result


def _strided(op: Any, image: Array, kernel: Array, bias: Array) -> Array:
    convolution, pooling = op.steps()
    result: Array = msgspec.structs.replace(convolution, stride=pooling.each("kernel_size"))(image, kernel, bias)
    return result


def _from_image(op: Any, image: Array, kernel: Array) -> Any:
    convolved, _ = op(image, kernel)
    return convolved, op.steps()[1](image)


def _pooled_first(op: Any, image: Array, kernel: Array) -> Any:
    convolution, pooling = op.steps()
    pooled = pooling(image)
    return convolution(pooled, kernel, np.array(0.0)), pooled


def _by_kernel(op: Any, *inputs: Array) -> Any:
    return msgspec.structs.replace(op, pool_size=inputs[1].shape[-2:])(*inputs)


_ROW = "The kernel moves over the input first; then the pooling moves over the result."
_BIAS = "Each sum gets the bias once, after all products are added."
_POOL = "The pooling's window has the size `pool_size` and moves by that size."
_BOTH = "The function returns two grids: the convolved image and the pooled convolved image."


def _from_zero(run: Run) -> Misconception:
    says = "You return 0 for windows of negative numbers: your maximum starts at 0, or you apply ReLU first."
    instead = "Pool the convolved cells as they are, and start at the window's first cell."
    return Misconception("pooled-from-zero", says, "The maximum of negative numbers is negative.", instead, run)


_POOL_BY_KERNEL = Misconception(
    "pool-by-kernel",
    "You pool windows of the kernel's size, not of `pool_size`.",
    _POOL,
    "Use `pool_size`, not `kernel.shape`.",
    _by_kernel,
)

CONV_MAX_POOL = (
    *_lifted(CONV_2D, 0, ("kernel", "bias"), without=("activation-added",)),
    *_lifted(MAX_2D, 1, (), without=(*_ELSEWHERE, *_TWINS)),
    _from_zero(lambda op, x, k, b: np.maximum(op(x, k, b), 0)),
    _POOL_BY_KERNEL,
    Misconception("order-exchanged", "You pool first and convolve afterwards.", _ROW, "Convolve, then pool the result.", _exchanged),
    Misconception("pooling-missing", "You do not pool the convolved cells.", _ROW, "Pool the result of the convolution.", lambda op, x, k, b: op.steps()[0](x, k, b)),
    Misconception("convolution-missing", "You pool the input and never use the kernel.", _ROW, "Pool the result of the convolution.", lambda op, x, k, b: op.steps()[1](x)),
    Misconception("pooled-twice", "You pool the result twice.", _ROW, "Pool only once.", lambda op, x, k, b: op.steps()[1](op(x, k, b))),
    Misconception("stride-for-pooling", "You move the kernel by the pooling's size instead of pooling.", _POOL, "Convolve with stride 1, then take the largest cell of each window.", _strided),
    Misconception("bias-on-input", "You add the bias to the input.", _BIAS, "Add `bias` to the sum of products.", lambda op, x, k, b: op(x + b, k, np.zeros_like(b)), ("bias",)),
)  # fmt: skip

EDGE_MAP = (
    *_lifted(CONV_2D, 0, ("kernel",)),
    *_lifted(MAX_2D, 1, (), without=_ELSEWHERE),
    _from_zero(_answers(lambda convolved, pooled: (convolved, np.maximum(pooled, 0)))),
    _POOL_BY_KERNEL,
    Misconception("outputs-exchanged", "You return the pooled grid first.", _BOTH, "Write `return convolved, pooled`.", _answers(lambda convolved, pooled: (pooled, convolved))),
    Misconception("convolved-twice", "You return the convolved image twice.", _BOTH, "Write `return convolved, pooled`.", _answers(lambda convolved, pooled: (convolved, convolved))),
    Misconception("pooled-for-both", "You return the pooled grid twice.", _BOTH, "Keep the convolved image in a separate variable.", _answers(lambda convolved, pooled: (pooled, pooled))),
    Misconception("pooled-alone", "You return only the pooled grid.", _BOTH, "Write `return convolved, pooled`.", _answers(lambda convolved, pooled: pooled)),
    Misconception("pooled-from-image", "You pool the image instead of the convolved image.", _ROW, "Pool the result of the convolution.", _from_image),
    Misconception("convolved-from-pooled", "You pool the image first and convolve the result.", _ROW, "Convolve the image, then pool the result.", _pooled_first),
)  # fmt: skip
