"""The base of backward operators: the gradients of a forward operator, given the gradient of its output.

A program receives `grad_output`, the gradient of a loss with respect to the output, and returns the gradient with
respect to each input. torch's answer is that of ``torch.autograd`` for the real module.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar

import msgspec
import numpy as np

from grader.ops.base import Array, Op, OpError, Shape, number, tensor, term, whole


class Backward(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The gradients of the forward operator `of`, which has the same fields and perhaps more.

    `grad_output` stands before the inputs of the forward operator. The output ``grad_kernel`` is the gradient with
    respect to `kernel`, and has its shape.
    """

    of: ClassVar[type[Op]]

    def __post_init__(self) -> None:
        assert self.forward  # raises OpError where the fields do not go together

    @property
    def forward(self) -> Any:
        """The forward operator."""
        return self.of(**msgspec.structs.asdict(self))

    def sizes(self, *shapes: Shape) -> tuple[Shape, ...]:
        """Return the shapes of the gradients, for the shapes of the forward operator's inputs."""
        return shapes[: len(self.outputs)]

    def shape(self, *shapes: Shape) -> Any:
        grad, *given = shapes
        due = self.forward.shape(*given)
        if grad != due:
            raise OpError(f"`grad_output` has shape {grad}, but the output of these inputs has shape {due}")
        sizes = self.sizes(*given)
        return sizes if len(sizes) > 1 else sizes[0]

    def resolved(self, *shapes: Shape) -> dict[str, Any]:
        fields = self.forward.resolved(*shapes[1:])
        return {name: fields[name] for name in self.__struct_fields__}

    def _spread(self, given: Sequence[Array]) -> list[Array]:
        """Return the forward operator's inputs in the shapes of their gradients: one bias may stand for several."""
        sizes = self.sizes(*(value.shape for value in given))
        return [np.broadcast_to(value, size) for value, size in zip(given, sizes, strict=True)]

    def reference(self, torch: Any, *inputs: Array) -> Any:
        grad, *given = inputs
        leaves = [tensor(torch, value).requires_grad_() for value in self._spread(given)]
        self.forward.apply(torch, *leaves).backward(tensor(torch, grad))
        gradients = tuple(leaf.grad.numpy() for leaf in leaves)
        return gradients if len(gradients) > 1 else gradients[0]

    def loss(self, torch: Any, *inputs: Array) -> float:
        grad, *given = inputs
        return float(np.sum(grad * self.forward.reference(torch, *self._spread(given))))


def gradient(random: Random, shape: Shape) -> Array:
    """Draw the gradient of an output: small whole numbers, sometimes quarters."""
    return whole(random, shape, -5, 9) / (4 if random.randrange(6) == 0 else 1)


def summed(terms: Sequence[Sequence[float]], none: str) -> tuple[float, str]:
    """Return a sum of products with its arithmetic; `none` is the text of an empty sum."""
    value = float(sum(np.prod(factors) for factors in terms))
    if not terms:
        return value, f"0, {none}"
    if len(terms) == len(terms[0]) == 1:
        return value, number(value)
    return value, f"{' + '.join('×'.join(map(term, factors)) for factors in terms)} = {number(value)}"
