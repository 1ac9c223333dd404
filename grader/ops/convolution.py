"""Convolution in one and two dimensions, as ``torch.nn.Conv1d`` and ``Conv2d`` define it: the kernel is not flipped.

Inputs are bare grids as on the slides (one channel, the bias a number), or ``C×…`` or ``N×C×…`` arrays with kernels of
``F×C/groups×…`` and a bias of ``F``. Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from random import Random
from typing import Any, ClassVar, Literal

import numpy as np

from grader.ops import convolution_samples as made
from grader.ops import formulas
from grader.ops import padding as border
from grader.ops.base import (
    Array,
    Cell,
    Op,
    OpError,
    Pair,
    Sample,
    Shape,
    Vary,
    check_at,
    gather,
    number,
    term,
)
from grader.ops.convolution_misconceptions import CONV_1D, CONV_2D
from grader.ops.padding import Ends, Mode, Pads, Sides

Size = int | Pair
Combine = Callable[[Array, Array], Array]


class _Conv(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one and two dimensions share; `axes` is the number of spatial axes."""

    axes: ClassVar[int]
    step: ClassVar[Any] = "correlate"
    names: ClassVar[Any] = ("input", "kernel", "bias")
    defaults: ClassVar[Any] = {"bias": 0.0}
    strata: ClassVar[Any] = {"dilation": 5, "groups": 4, "uneven-padding": 3, "padding_mode": 4}

    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    groups: int = 1
    padding_mode: Mode = "zeros"

    def __post_init__(self) -> None:
        for name in ("stride", "dilation"):
            if any(n < 1 for n in self.each(name)):
                raise OpError(f"`{name}` must be at least 1, not {getattr(self, name)}")
        if self.groups < 1:
            raise OpError(f"`groups` must be at least 1, not {self.groups}")
        if self.padding == "same":
            if any(n != 1 for n in self.each("stride")):
                raise OpError("`padding: same` needs stride 1, as in torch; write the padding as numbers")
        elif self.padding != "valid" and min(map(min, border.sides(self.padding, self.axes))) < 0:
            raise OpError(f"`padding` must not be negative: {self.padding}")

    def each(self, name: str) -> tuple[int, ...]:
        """Return the field `name` with one number per spatial axis."""
        value = getattr(self, name)
        return (value,) * self.axes if isinstance(value, int) else tuple(value)

    def pads(self, kernel_size: Shape) -> Pads:
        """Return the width of the border before and after the input, per spatial axis."""
        if self.padding == "valid":
            return ((0, 0),) * self.axes
        if self.padding == "same":  # torch puts the odd zero behind
            totals = [d * (k - 1) for d, k in zip(self.each("dilation"), kernel_size, strict=True)]
            return tuple((total // 2, total - total // 2) for total in totals)
        return border.sides(self.padding, self.axes)

    def sizes(self, input_size: Shape, kernel_size: Shape) -> Shape:
        """Return the output's spatial sizes: ⌊(M + 2P − dilation·(K − 1) − 1) / stride⌋ + 1 for each axis."""
        sizes = []
        columns = zip(
            input_size, kernel_size, self.pads(kernel_size), self.each("stride"), self.each("dilation"), strict=True
        )
        for n, k, (before, after), s, d in columns:
            room = n + before + after - (d * (k - 1) + 1)
            if k < 1 or room < 0:
                raise OpError(f"the kernel {_by(kernel_size)} does not fit into the padded input of {_by(input_size)}")
            sizes.append(room // s + 1)
        return tuple(sizes)

    def shape(self, *shapes: Shape) -> Shape:
        image, kernel, bias = shapes
        batch = len(image) - self.axes
        if batch == 0:
            if len(kernel) != self.axes or bias != ():
                raise OpError(f"an `input` of shape {image} needs a kernel of {self.axes} axes and a number as bias")
            if self.groups != 1:
                raise OpError("`groups` needs an input with channels; a bare grid has one channel")
            return self._fitting(image, kernel)
        if batch not in (1, 2) or len(kernel) != self.axes + 2:
            raise OpError(f"an `input` of shape {image} does not fit a `kernel` of shape {kernel}")
        channels, filters = image[batch - 1], kernel[0]
        if channels != kernel[1] * self.groups or filters % self.groups:
            raise OpError(
                f"{channels} channels in {self.groups} groups do not fit a `kernel` of shape {kernel}: "
                f"its second axis must be {channels}/{self.groups}, its first a multiple of {self.groups}"
            )
        if bias not in ((filters,), ()):
            raise OpError(f"`bias` has shape {bias}; {filters} filters need ({filters},)")
        return (*image[: batch - 1], filters, *self._fitting(image[batch:], kernel[2:]))

    def _fitting(self, input_size: Shape, kernel_size: Shape) -> Shape:
        """Return the output's spatial sizes. Raise OpError if the input is too small for its border, too."""
        border.check(input_size, self.pads(kernel_size), self.padding_mode)
        return self.sizes(input_size, kernel_size)

    def resolved(self, *shapes: Shape) -> dict[str, Any]:
        pads = self.pads(shapes[1][-self.axes :])
        even = all(before == after for before, after in pads)
        fields = {name: self._field(self.each(name)) for name in ("stride", "dilation")}
        padding = self._field(tuple(p for p, _ in pads)) if even else self.padding
        if border.sided(self.padding, self.axes):
            padding = self._field(pads)
        return {**fields, "padding": padding, "groups": self.groups, "padding_mode": self.padding_mode}

    @classmethod
    def formula_of(cls, given: Collection[str]) -> str:
        kernel = "u, v" if cls.axes == 2 else "u"
        sums = " ".join(f"Σ_{axis}" for axis in (*(["c"] if "channels" in given else []), *kernel.split(", ")))
        out, weight = formulas.lead(given, "f"), "f, c, " if "channels" in given else ""
        seen = f"input[{formulas.lead(given, 'c')}{formulas.window(cls.axes, given)}]"
        bias = (" + bias[f]" if "channels" in given else " + bias") if "bias" in given else ""
        place = "i, j" if cls.axes == 2 else "i"
        text = f"output[{out}{place}] = {sums} {seen} × kernel[{weight}{kernel}]{bias}"
        about = "; c counts the channels of filter f's group" if "groups" in given and "channels" in given else ""
        if "padding_mode" in given and "padding" in given:
            about += "; `padding_mode` fills the border"
        return text + formulas.where(cls.axes, given) + about

    def lead(self, *shapes: Shape) -> int:
        return len(shapes[0]) - self.axes

    def traits(self, *shapes: Shape) -> frozenset[str]:
        uneven = any(before != after for before, after in self.pads(shapes[1][-self.axes :]))
        sided = border.sided(self.padding, self.axes)
        return super().traits(*shapes) | ({"padding-sides"} if sided else {"uneven-padding"} if uneven else set())

    @classmethod
    def _field(cls, sizes: Sequence[Any]) -> Any:
        """Return what each axis has in the form of a field: as it is in 1d, in a tuple in 2d."""
        return sizes if cls.axes > 1 else sizes[0]

    def __call__(self, *inputs: Array) -> Array:
        shape = self.shape(*(i.shape for i in inputs))
        return self.correlate(*inputs).reshape(shape)

    def lift(self, image: Array, kernel: Array, bias: Array) -> tuple[Array, Array, Array]:
        """Return the inputs as arrays of N×C×…, F×C/groups×… and F."""
        if kernel.ndim == self.axes:
            kernel = kernel[None, None]
            image = image[None]
            bias = bias.reshape(1) if bias.ndim == 0 else bias
        return (
            image if image.ndim == self.axes + 2 else image[None],
            kernel,
            bias if bias.shape == kernel.shape[:1] else np.broadcast_to(bias, kernel.shape[:1]),
        )

    def correlate(
        self,
        image: Array,
        kernel: Array,
        bias: Array,
        *,
        pads: Pads | None = None,
        sizes: Shape | None = None,
        steps: Sequence[int] | None = None,
        window: Shape | None = None,
        fill: Callable[[Array, Pads], Array] | None = None,
        combine: Combine = np.multiply,
        add: Combine | None = None,
    ) -> Array:
        """Compute N×F×… step by step. The keywords replace one step each; the misconceptions are made of them.

        `pads` and `sizes` replace the results of the methods of those names, `steps` the distances between windows,
        `window` the size of a window. `fill` puts the border around the image, `combine` multiplies windows (N×…) and
        kernel, and `add` sums products (N×F×…×C×window) and adds the bias (F×1…).
        """
        size = kernel.shape[-self.axes :]
        image, kernel, bias = self.lift(image, kernel, bias)
        window = window or size
        out = self.sizes(image.shape[2:], window) if sizes is None else sizes
        margins = self.pads(window) if pads is None else pads
        padded = (fill or self.fill)(image, margins)
        seen = gather(padded, out, steps or self.each("stride"), window, self.each("dilation"))
        n, c = seen.shape[:2]
        f, g = kernel.shape[0], self.groups
        grouped = seen.reshape(n, g, 1, c // g, *seen.shape[2:])
        products = combine(grouped, kernel.reshape(1, g, f // g, c // g, *(1,) * self.axes, *size))
        products = products.transpose(0, 1, 2, *range(4, 4 + self.axes), 3, *range(4 + self.axes, products.ndim))
        products = products.reshape(n, f, *out, c // g, *products.shape[-self.axes :])
        column = bias.reshape(f, *(1,) * self.axes)
        if add:
            return add(products, column)
        result: Array = products.sum(axis=tuple(range(-1 - self.axes, 0))) + column
        return result

    def fill(self, image: Array, margins: Sequence[Pair]) -> Array:
        """Put a border around an image, as `padding_mode` says."""
        return border.fill(image, margins, self.padding_mode)

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        image, kernel, bias = inputs
        at = check_at(at, self.shape(image.shape, kernel.shape, bias.shape))
        size = kernel.shape[-self.axes :]
        lead, place = at[: len(at) - self.axes], at[len(at) - self.axes :]
        images, kernels, biases = self.lift(image, kernel, bias)
        filter_ = lead[-1] if lead else 0
        batch = lead[0] if len(lead) == 2 else 0
        width = kernels.shape[1]
        first = (filter_ // (kernels.shape[0] // self.groups)) * width
        terms, reads, total = [], [], 0.0
        for channel in range(width):
            for offset in np.ndindex(*size):
                columns = zip(
                    place,
                    self.each("stride"),
                    offset,
                    self.each("dilation"),
                    self.pads(size),
                    images.shape[2:],
                    strict=True,
                )
                shown = [border.source(i * s + o * d - p, n, self.padding_mode) for i, s, o, d, (p, _), n in columns]
                where = tuple(w for w in shown if w is not None)
                inside = len(where) == self.axes
                seen = float(images[(batch, first + channel, *where)]) if inside else 0.0
                weight = float(kernels[(filter_, channel, *offset)])
                terms.append(f"{term(seen)}×{term(weight)}")
                total += seen * weight
                if inside:
                    reads.append((*([batch] if len(lead) == 2 else []), *([first + channel] if lead else []), *where))
        value = total + float(biases[filter_])
        if biases[filter_]:
            terms.append(term(float(biases[filter_])))
        return Cell(value, f"{' + '.join(terms)} = {number(value)}", tuple(reads))

    def apply(self, torch: Any, *tensors: Any) -> Any:
        image, kernel, bias = tensors
        bare = kernel.ndim == self.axes
        if bare:
            image, kernel = image[None], kernel[None, None]
        sided = border.sided(self.padding, self.axes)
        module = getattr(torch.nn, f"Conv{self.axes}d")(
            in_channels=image.shape[-1 - self.axes],
            out_channels=kernel.shape[0],
            kernel_size=kernel.shape[2:],
            stride=self.stride,
            padding=0 if sided else self.padding,
            dilation=self.dilation,
            groups=self.groups,
            padding_mode=self.padding_mode,
            dtype=torch.float64,
        )
        if sided:
            last_first = [n for pair in reversed(self.pads(kernel.shape[2:])) for n in pair]
            mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
            image = torch.nn.functional.pad(image, last_first, mode=mode)
        weights = {"weight": kernel, "bias": bias.expand(kernel.shape[:1])}
        result = torch.func.functional_call(module, weights, (image,))
        return result[0] if bare else result


def _by(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes))


class Conv1d(_Conv, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Convolution along one axis: input L, kernel K and a number as bias give ⌊(L + 2P − K) / S⌋ + 1 cells.

    Torch: ``nn.Conv1d``.
    """

    axes: ClassVar[Any] = 1
    formula: ClassVar[Any] = "output[i] = Σ_k input[i·stride + k − padding] × kernel[k] + bias"
    misconceptions: ClassVar[Any] = CONV_1D

    stride: int = 1
    padding: int | Ends | Literal["same", "valid"] = 0
    dilation: int = 1

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        return made.samples_1d(cls)

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        return made.draw_1d(cls, random, vary)


class Conv2d(_Conv, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Convolution of grids: input M×N, kernel K×O and a number as bias give ⌊(M + 2P − K) / S⌋ + 1 rows.

    Torch: ``nn.Conv2d``; deck: Convolutional Layer.
    """

    axes: ClassVar[Any] = 2
    formula: ClassVar[Any] = "output[i, j] = Σ_u Σ_v input[i·S + u − P, j·T + v − Q] × kernel[u, v] + bias"
    misconceptions: ClassVar[Any] = CONV_2D

    stride: Size = 1
    padding: int | Sides | Literal["same", "valid"] = 0
    dilation: Size = 1

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        return made.samples_2d(cls)

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        return made.draw_2d(cls, random, vary)
