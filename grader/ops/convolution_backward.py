"""The backward pass of a convolution: the gradients with respect to input, kernel and bias.

The inputs have the forms of conv2d, with `grad_output` in the form of its output. The gradient of the bias has one
number per filter, also where one number stands for all biases.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from random import Random
from typing import Any, ClassVar, Literal

import numpy as np

from grader.ops import formulas
from grader.ops.base import Array, Cell, Pair, Sample, Shape, Vary, check_at, counting, zero_pad
from grader.ops.convolution import Conv2d, Size
from grader.ops.convolution_backward_misconceptions import CONV_BACKWARD
from grader.ops.gradients import Backward, gradient, summed
from grader.ops.padding import sided


class Conv2dBackward(Backward, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The gradients of a convolution of grids. Torch: ``nn.Conv2d`` and ``torch.autograd``."""

    of: ClassVar[Any] = Conv2d
    names: ClassVar[Any] = ("grad_output", *Conv2d.names)
    defaults: ClassVar[Any] = Conv2d.defaults
    outputs: ClassVar[Any] = ("grad_input", "grad_kernel", "grad_bias")
    strata: ClassVar[Any] = {**Conv2d.strata, "stride": 4, "padding": 3}
    formula: ClassVar[Any] = (
        "each grad_output[i, j] adds grad_output[i, j] × kernel[u, v] to grad_input[i·S + u − P, j·T + v − Q], "
        "grad_output[i, j] × input[i·S + u − P, j·T + v − Q] to grad_kernel[u, v], and itself to grad_bias"
    )
    misconceptions: ClassVar[Any] = CONV_BACKWARD

    stride: Size = 1
    padding: Size | Literal["same", "valid"] = 0
    dilation: Size = 1
    groups: int = 1

    @classmethod
    def formula_of(cls, given: Collection[str]) -> str:
        deep = "channels" in given
        n = "n, " if "batch" in given else ""
        grad = f"grad_output[{n}{'f, ' if deep else ''}i, j]"
        kernel, bias = ("kernel[f, c, u, v]", "grad_bias[f]") if deep else ("kernel[u, v]", "grad_bias")
        place = f"[{n}{'c, ' if deep else ''}{formulas.window(2, given)}]"
        about = "; c counts the channels of filter f's group" if "groups" in given and deep else ""
        return (
            f"each {grad} adds {grad} × {kernel} to grad_input{place}, {grad} × input{place} to grad_{kernel}, "
            f"and itself to {bias}{formulas.where(2, given)}{about}"
        )

    def sizes(self, *shapes: Shape) -> tuple[Shape, ...]:
        image, kernel, _ = shapes
        return image, kernel, kernel[:1] if len(kernel) == 4 else ()

    def lead(self, *shapes: Shape) -> int:
        return len(shapes[1]) - 2

    def traits(self, *shapes: Shape) -> frozenset[str]:
        return Conv2d.traits(self.forward, *shapes[1:])

    def __call__(self, *inputs: Array) -> tuple[Array, ...]:
        grad, image, kernel, bias = inputs
        self.shape(grad.shape, image.shape, kernel.shape, bias.shape)
        return self.to_input(grad, image, kernel), self.to_kernel(grad, image, kernel), self.to_bias(grad, kernel)

    def parts(self, grad: Array, image: Array, kernel: Array) -> tuple[Array, Array, Array]:
        """Return gradients N×G×F/G×R×C, the padded image N×G×C/G×… and weights G×F/G×C/G×K×O, for G groups."""
        image, kernel, _ = self.forward.lift(image, kernel, np.zeros(()))
        padded = zero_pad(image, self.forward.pads(kernel.shape[-2:]))
        n, g = len(image), self.groups
        return (
            grad.reshape(n, g, -1, *grad.shape[-2:]),
            padded.reshape(n, g, -1, *padded.shape[-2:]),
            kernel.reshape(g, -1, *kernel.shape[1:]),
        )

    def cells(
        self, size: Shape, out: Shape, steps: Sequence[int] | None = None, spread: Sequence[int] | None = None
    ) -> Iterator[tuple[Pair, Any]]:
        """Yield each cell of the kernel, with the cells of the padded image that it meets in all windows."""
        (s, t), (d, e) = steps or self.forward.each("stride"), spread or self.forward.each("dilation")
        rows, columns = out[0] - 1, out[1] - 1
        for u, v in np.ndindex(*size):
            yield (u, v), (..., slice(u * d, u * d + rows * s + 1, s), slice(v * e, v * e + columns * t + 1, t))

    def to_input(
        self, grad: Array, image: Array, kernel: Array, *, crop: Callable[[Array], Array] | None = None, **how: Any
    ) -> Array:
        """Compute the gradient of the input. `crop` replaces the removal of the padding; `how` goes to `cells`."""
        grads, padded, weights = self.parts(grad, image, kernel)
        flow = np.zeros_like(padded)
        for (u, v), cells in self.cells(weights.shape[-2:], grads.shape[-2:], **how):
            flow[cells] += np.einsum("ngfij,gfc->ngcij", grads, weights[..., u, v])
        flow = flow.reshape(*image.shape[:-2], *flow.shape[-2:])
        return crop(flow) if crop else self.crop(flow, image, kernel)

    def crop(self, flow: Array, image: Array, kernel: Array) -> Array:
        """Remove the padding from the gradient of the padded input."""
        (p, _), (q, _) = self.forward.pads(kernel.shape[-2:])
        (rows, columns) = image.shape[-2:]
        return flow[..., p : p + rows, q : q + columns]

    def to_kernel(self, grad: Array, image: Array, kernel: Array, **how: Any) -> Array:
        """Compute the gradient of the kernel; `how` goes to `cells`."""
        grads, padded, weights = self.parts(grad, image, kernel)
        found = np.zeros_like(weights)
        for (u, v), cells in self.cells(weights.shape[-2:], grads.shape[-2:], **how):
            found[..., u, v] = np.einsum("ngfij,ngcij->gfc", grads, padded[cells])
        return found.reshape(kernel.shape)

    def to_bias(self, grad: Array, kernel: Array) -> Array:
        """Compute the gradient of the bias."""
        if kernel.ndim == 2:
            return np.asarray(grad.sum())
        result: Array = grad.sum(axis=(-2, -1) if grad.ndim == 3 else (0, 2, 3))
        return result

    def cell(self, at: Sequence[int], *inputs: Array, output: int = 0) -> Cell:
        at = check_at(at, self.shape(*(value.shape for value in inputs))[output])
        return (self._input_cell, self._kernel_cell, self._bias_cell)[output](at, *inputs)

    def _input_cell(self, at: Shape, grad: Array, image: Array, kernel: Array, bias: Array) -> Cell:
        _, weights, _ = self.forward.lift(image, kernel, bias)
        filters, channels = weights.shape[:2]
        group, channel = divmod(at[-3], channels) if len(at) > 2 else (0, 0)
        each = filters // self.groups
        terms, reads = [], []
        for f in range(group * each, (group + 1) * each):
            for place in np.ndindex(*grad.shape[-2:]):
                offset = self._offset(at[-2:], place, kernel.shape[-2:])
                if offset:
                    reads.append((*at[:-3], *([f] if kernel.ndim == 4 else []), *place))
                    terms.append((float(grad[reads[-1]]), float(weights[(f, channel, *offset)])))
        return Cell(*summed(terms, "no window reads this cell"), tuple(reads))

    def _offset(self, at: Shape, place: Shape, size: Shape) -> Shape | None:
        """Return the kernel's cell that meets the input's cell `at` in the window of an output cell, if one does."""
        found = []
        strides, dilations, pads = (self.forward.each("stride"), self.forward.each("dilation"), self.forward.pads(size))
        for cell, i, s, d, (p, _), k in zip(at, place, strides, dilations, pads, size, strict=True):
            offset, between = divmod(cell + p - i * s, d)
            if between or not 0 <= offset < k:
                return None
            found.append(offset)
        return tuple(found)

    def _kernel_cell(self, at: Shape, grad: Array, image: Array, kernel: Array, bias: Array) -> Cell:
        _, padded, weights = self.parts(grad, image, kernel)
        filter_, channel = at[:2] if kernel.ndim == 4 else (0, 0)
        group = filter_ // weights.shape[1]
        cells = next(cells for offset, cells in self.cells(kernel.shape[-2:], grad.shape[-2:]) if offset == at[-2:])
        terms, reads = [], []
        for n, seen in enumerate(padded[:, group, channel]):
            for place in np.ndindex(*grad.shape[-2:]):
                reads.append((*([n] if grad.ndim == 4 else []), *([filter_] if grad.ndim > 2 else []), *place))
                terms.append((float(grad[reads[-1]]), float(seen[cells][place])))
        return Cell(*summed(terms, ""), tuple(reads))

    def _bias_cell(self, at: Shape, grad: Array, image: Array, kernel: Array, bias: Array) -> Cell:
        lead = grad.ndim - 2
        reads = tuple(place for place in np.ndindex(*grad.shape) if not lead or place[lead - 1] == at[0])
        return Cell(*summed([(float(grad[place]),) for place in reads], ""), reads)

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        forward: list[tuple[Any, Any]] = [*Conv2d.samples()]
        plain = (it for it in forward if it[0].padding_mode == "zeros" and not sided(it[0].padding, 2))
        for i, (op, given) in enumerate(plain):
            shape = op.shape(*(value.shape for value in given))
            grad = counting(shape, -2) / 2 if i % 2 else counting(shape, 2)
            yield Sample(cls._of(op), (grad, *given))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        op, given = Conv2d.draw(random, vary)
        grad = gradient(random, op.shape(*(value.shape for value in given)))
        return Sample(cls._of(op), (grad, *given))

    @classmethod
    def _of(cls, op: Any) -> Conv2dBackward:
        return cls(**{name: getattr(op, name) for name in cls.__struct_fields__})
