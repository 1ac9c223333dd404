"""The transposed convolution: each input cell adds the kernel, times the cell, to a window of the output.

Inputs are bare grids (one channel, the bias a number), or ``C×M×N`` or ``N×C×M×N`` arrays with kernels of
``C×F/groups×K×O``: the kernel's first axis counts the input's channels, unlike that of a convolution.
Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from random import Random
from typing import Any, ClassVar

import numpy as np

from grader.ops import formulas
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
    counting,
    leading,
    number,
    numbers,
    tensor,
    term,
    whole,
    zero_pad,
)
from grader.ops.transposed_misconceptions import CONV_TRANSPOSE

Size = int | Pair
_FIELDS = ("stride", "padding", "output_padding", "dilation")


class ConvTranspose2d(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Transposed convolution: input M×N and kernel K×O give (M − 1)·S − 2P + K rows. Torch: ``nn.ConvTranspose2d``."""

    axes: ClassVar[int] = 2
    step: ClassVar[str] = "scatter"
    names: ClassVar[Any] = ("input", "kernel", "bias")
    defaults: ClassVar[Any] = {"bias": 0.0}
    strata: ClassVar[Any] = {"dilation": 4, "groups": 4, "output_padding": 3}
    formula: ClassVar[Any] = (
        "output[i, j] = Σ input[m, n] × kernel[u, v] + bias, over all m·S + u − P = i and n·T + v − Q = j"
    )
    misconceptions: ClassVar[Any] = CONV_TRANSPOSE

    stride: Size = 1
    padding: Size = 0
    output_padding: Size = 0
    groups: int = 1
    dilation: Size = 1

    def __post_init__(self) -> None:
        for name in ("stride", "dilation"):
            if min(self.each(name)) < 1:
                raise OpError(f"`{name}` must be at least 1, not {getattr(self, name)}")
        for name in ("padding", "output_padding"):
            if min(self.each(name)) < 0:
                raise OpError(f"`{name}` must not be negative: {getattr(self, name)}")
        if self.groups < 1:
            raise OpError(f"`groups` must be at least 1, not {self.groups}")
        columns = zip(*(self.each(name) for name in ("output_padding", "stride", "dilation")), strict=True)
        if any(extra >= max(s, d) for extra, s, d in columns):
            raise OpError(f"`output_padding` must be smaller than stride or dilation, not {self.output_padding}")

    def each(self, name: str) -> Pair:
        """Return the field `name` for rows and columns."""
        value: Size = getattr(self, name)
        return (value, value) if isinstance(value, int) else value

    def resolved(self, *shapes: Shape) -> dict[str, Any]:
        return {name: self.each(name) for name in _FIELDS} | {"groups": self.groups}

    def lead(self, *shapes: Shape) -> int:
        return len(shapes[0]) - 2

    @classmethod
    def formula_of(cls, given: Collection[str]) -> str:
        deep = "channels" in given
        out, seen = formulas.lead(given, "f"), formulas.lead(given, "c")
        s, t = ("·S", "·T") if "stride" in given else ("", "")
        d, e = ("·D", "·E") if "dilation" in given else ("", "")
        p, q = (" − P", " − Q") if "padding" in given else ("", "")
        sums, weight, bias = ("Σ_c Σ", "c, f, ", "bias[f]") if deep else ("Σ", "", "bias")
        text = f"output[{out}i, j] = {sums} input[{seen}m, n] × kernel[{weight}u, v] + {bias}"
        text = text.replace("[n, c, m, n]", "[b, c, m, n]").replace("[n, f, i", "[b, f, i")
        more = "; output_padding adds rows below and columns on the right" if "output_padding" in given else ""
        return f"{text}, over all m{s} + u{d}{p} = i and n{t} + v{e}{q} = j{formulas.where(2, given)}{more}"

    def sizes(self, input_size: Shape, kernel_size: Shape) -> Shape:
        """Return the output's rows and columns: (M − 1)·S − 2P + dilation·(K − 1) + output_padding + 1."""
        fields = zip(*(self.each(name) for name in _FIELDS), strict=True)
        sizes = tuple(
            (n - 1) * s - 2 * p + d * (k - 1) + extra + 1
            for n, k, (s, p, extra, d) in zip(input_size, kernel_size, fields, strict=True)
        )
        if min(sizes) < 1:
            raise OpError(f"`padding` {self.padding} removes the whole output")
        return sizes

    def shape(self, *shapes: Shape) -> Shape:
        image, kernel, bias = shapes
        lead = len(image) - 2
        if lead == 0:
            if len(kernel) != 2 or bias != ():
                raise OpError(f"an `input` of shape {image} needs a kernel of 2 axes and a number as bias")
            if self.groups != 1:
                raise OpError("`groups` needs an input with channels; a bare grid has one channel")
            return self.sizes(image, kernel)
        if lead not in (1, 2) or len(kernel) != 4:
            raise OpError(f"an `input` of shape {image} does not fit a `kernel` of shape {kernel}")
        channels, filters = image[-3], kernel[1] * self.groups
        if channels != kernel[0] or channels % self.groups:
            raise OpError(
                f"{channels} channels in {self.groups} groups do not fit a `kernel` of shape {kernel}: "
                f"its first axis must be {channels}, a multiple of {self.groups}"
            )
        if bias not in ((filters,), ()):
            raise OpError(f"`bias` has shape {bias}; {filters} filters need ({filters},)")
        return (*image[:-3], filters, *self.sizes(image[-2:], kernel[2:]))

    def __call__(self, *inputs: Array) -> Array:
        shape = self.shape(*(i.shape for i in inputs))
        return self.scatter(*inputs).reshape(shape)

    def lift(self, image: Array, kernel: Array, bias: Array) -> tuple[Array, Array, Array]:
        """Return the inputs as arrays of N×C×M×N, C×F/groups×K×O and F."""
        kernel = kernel if kernel.ndim == 4 else kernel[None, None]
        image = image[(None,) * (4 - image.ndim)]
        return image, kernel, np.broadcast_to(bias, (kernel.shape[1] * self.groups,))

    def scatter(
        self,
        image: Array,
        kernel: Array,
        bias: Array,
        *,
        steps: Shape | None = None,
        spread: Shape | None = None,
        crop: Sequence[Pair] | None = None,
        extra: Shape | None = None,
        sizes: Shape | None = None,
        overwrite: bool = False,
    ) -> Array:
        """Compute N×F×… step by step. The keywords replace one step each; the misconceptions are made of them.

        `steps` are the distances between windows, `spread` those between a window's cells, `crop` the rows and columns
        removed (before, after), `extra` those added behind, `sizes` the output's; a negative crop adds zeros. With
        `overwrite`, a window replaces what others have written.
        """
        image, kernel, bias = self.lift(image, kernel, bias)
        steps, spread = steps or self.each("stride"), spread or self.each("dilation")
        crop = crop or [(p, p) for p in self.each("padding")]
        extra = self.each("output_padding") if extra is None else extra
        (n, c, *grid), (_, width, *size), g = image.shape, kernel.shape, self.groups
        spans = [d * (k - 1) + 1 for d, k in zip(spread, size, strict=True)]
        whole = [(m - 1) * s + span for m, s, span in zip(grid, steps, spans, strict=True)]
        full = np.zeros((n, g * width, *whole))
        patches = np.einsum(
            "ngcij,gcfuv->ngfijuv", image.reshape(n, g, c // g, *grid), kernel.reshape(g, c // g, width, *size)
        ).reshape(n, g * width, *grid, *size)
        for i, j in np.ndindex(*grid):
            columns = zip((i, j), steps, spans, spread, strict=True)
            where: tuple[Any, ...] = (..., *(slice(at * s, at * s + span, d) for at, s, span, d in columns))
            full[where] = patches[:, :, i, j] + (0 if overwrite else full[where])
        if sizes is None:
            sizes = tuple(n - a - b + more for n, (a, b), more in zip(whole, crop, extra, strict=True))
        if min(sizes) < 1:
            raise OpError("nothing of the output is left")
        roomy = zero_pad(full, [(max(-before, 0), n) for n, (before, _) in zip(sizes, crop, strict=True)])
        begins = [max(before, 0) for before, _ in crop]
        inside: tuple[Any, ...] = (..., *(slice(a, a + n) for a, n in zip(begins, sizes, strict=True)))
        result: Array = roomy[inside] + bias[:, None, None]
        return result

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        image, kernel, bias = inputs
        at = check_at(at, self.shape(image.shape, kernel.shape, bias.shape))
        images, kernels, biases = self.lift(image, kernel, bias)
        batch, filter_ = (0, 0, *at[:-2])[-2:]
        width, deep = kernels.shape[1], images.shape[1] // self.groups
        first = filter_ // width * deep
        terms, reads, value = [], [], float(biases[filter_])
        fields = [self.each(name) for name in ("stride", "padding", "dilation")]
        for channel in range(first, first + deep):
            for offset in np.ndindex(*kernels.shape[2:]):
                columns = zip(at[-2:], offset, *fields, strict=True)
                steps = [divmod(i + p - u * d, s) for i, u, s, p, d in columns]
                place = tuple(m for m, _ in steps)
                if any(r for _, r in steps) or not all(
                    0 <= m < n for m, n in zip(place, images.shape[2:], strict=True)
                ):
                    continue
                seen, weight = (
                    float(images[(batch, channel, *place)]),
                    float(kernels[(channel, filter_ % width, *offset)]),
                )
                terms.append(f"{term(seen)}×{term(weight)}")
                value += seen * weight
                reads.append((*(batch, channel)[4 - image.ndim :], *place))
        if biases[filter_] or not terms:
            terms.append(term(float(biases[filter_])))
        none = "" if reads else ": no input cell reaches it"
        return Cell(value, f"{' + '.join(terms)}{f' = {number(value)}' if reads else none}", tuple(reads))

    def reference(self, torch: Any, *inputs: Array) -> Array:
        shape = self.shape(*(i.shape for i in inputs))
        image, kernel, bias = self.lift(*inputs)
        module = torch.nn.ConvTranspose2d(
            in_channels=image.shape[1],
            out_channels=bias.size,
            kernel_size=kernel.shape[2:],
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            groups=self.groups,
            dilation=self.dilation,
            dtype=torch.float64,
        )
        with torch.no_grad():
            module.weight.copy_(tensor(torch, kernel))
            module.bias.copy_(tensor(torch, bias))
            result: Array = module(tensor(torch, image)).numpy()
        return result.reshape(shape)

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        plans: list[tuple[Shape, Shape, dict[str, Any]]] = [
            *(((1, 1), (1, 1), {}), ((1, 1), (1, 2), {}), ((1, 2), (1, 1), {}), ((2, 1), (2, 1), {})),
            *(((1, 2), (1, 2), {}), ((2, 2), (2, 2), {}), ((2, 2), (2, 2), {"stride": 2})),
            *(((2, 3), (2, 2), {"stride": (1, 2)}), ((2, 2), (3, 3), {"stride": 2, "padding": 1})),
            *(((3, 2), (2, 3), {"stride": (2, 1), "padding": (0, 1)}), ((2, 2), (2, 2), {"padding": (1, 0)})),
            *(((2, 2), (3, 2), {"stride": 2, "output_padding": 1}), ((3, 3), (1, 1), {"stride": 2})),
            *(((2, 3), (3, 3), {"stride": 3, "padding": 1, "output_padding": (2, 1)}),),
            *(((2, 2), (2, 2), {"dilation": 2}), ((2, 3), (2, 3), {"dilation": (1, 2), "stride": 2, "padding": 1})),
            *(((2, 2), (2, 2), {"dilation": (3, 1), "output_padding": (1, 0)}), ((3, 4), (3, 2), {"padding": (2, 1)})),
        ]
        for image, kernel, fields in plans:
            yield Sample(cls(**fields), (counting(image), counting(kernel, 2), np.array(3.0)))
            yield Sample(cls(**fields), (counting(image, -3) / 4, counting(kernel, -1)[::-1] / 2, np.array(-1.25)))
        for image, kernel, fields in (
            ((2, 2, 2), (2, 2, 2, 2), {"stride": 2}),
            ((2, 2, 3), (2, 3, 3, 2), {"stride": (2, 1), "padding": 1}),
            ((4, 2, 2), (4, 1, 2, 2), {"groups": 2}),
            ((2, 4, 2, 3), (4, 2, 2, 3), {"groups": 2, "stride": 2, "output_padding": 1, "padding": 1}),
        ):
            op = cls(**fields)
            filters = (kernel[1] * op.groups,)
            yield Sample(op, (counting(image) * 7 % 31 - 9, counting(kernel) * 5 % 17 - 6, counting(filters, -1)))

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        pair: Callable[[int, int], Pair] = lambda low, high: (random.randint(low, high), random.randint(low, high))
        lead = leading(random, vary)
        image, kernel = pair(1, 4), list(pair(1, 3))
        fields: dict[str, Any] = {}
        if "stride" in vary:
            fields["stride"] = random.choice(((1, 1), pair(1, 3), pair(1, 3), pair(2, 3)))
        if "padding" in vary and random.random() < 0.8:
            fields["padding"] = pair(0, 2)
        if "dilation" in vary:
            fields["dilation"] = random.choice(((2, 1), (1, 2), pair(2, 3)))
            kernel = [max(k, d > 1 and 2) for k, d in zip(kernel, fields["dilation"], strict=True)]
        if "output_padding" in vary:
            if "stride" in vary:
                fields["stride"] = pair(2, 3)
            most = [
                max(s, d) - 1 for s, d in zip(*(fields.get(n, (1, 1)) for n in ("stride", "dilation")), strict=True)
            ]
            fields["output_padding"] = tuple(random.randint(min(1, n), n) for n in most)
        channels = lead[-1] if lead else 1
        divisors = [g for g in range(2, channels + 1) if channels % g == 0] or [1]
        groups = random.choice(divisors) if "groups" in vary else 1
        width = random.randint(1, 2)
        op = cls(groups=groups, **fields)
        weights = whole(random, (channels, width, *kernel) if lead else tuple(kernel), -3, 4)
        bias = whole(random, (groups * width,) if lead else (), -3, 5)
        if random.random() < 0.2:
            weights, bias = weights / 10, bias / 4
        sample = Sample(op, (numbers(random, (*lead, *image)), weights, bias))
        try:
            op.shape(*(i.shape for i in sample.inputs))
        except OpError:  # the padding removes everything
            return cls.draw(random, vary)
        return sample
