"""Pooling in one and two dimensions, as ``torch.nn`` defines it: each window's largest or smallest cell, or its mean.

Inputs are bare grids, ``C×…`` or ``N×C×…`` arrays; each channel is pooled separately. For the 1d operators a grid is
``C×L``: each row is pooled separately, as on the slides. Only the input's cells count, not padding or cells beyond the
edge (`ceil_mode`), except that an average counts the padding if `count_include_pad` is true.
Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html and …/torch.nn.AvgPool2d.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from math import prod
from random import Random
from typing import Any, ClassVar

import msgspec
import numpy as np

from grader.ops import base, formulas
from grader.ops import pooling_samples as made
from grader.ops.base import Array, Cell, Op, OpError, Pair, Sample, Shape, Vary, check_at
from grader.ops.pooling_misconceptions import AVG_1D, AVG_2D, MAX_1D, MAX_2D, MIN_1D, MIN_2D

Size = int | Pair
Pads = Sequence[Pair]


class _Pool(Op, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all poolings; `axes` is the number of spatial axes, `plans` and `modes` make the samples."""

    axes: ClassVar[int]
    plans: ClassVar[tuple[made.Plan, ...]]
    modes: ClassVar[tuple[dict[str, Any], ...]] = ({}, {"ceil_mode": True})
    strata: ClassVar[Any] = {"ceil_mode": 3, "count_include_pad": 4, "dilation": 5, "divisor_override": 5}
    names: ClassVar[Any] = ("input",)

    kernel_size: Any
    stride: Any = None
    padding: Any = 0
    ceil_mode: bool = False

    def __post_init__(self) -> None:
        for name in ("kernel_size", "stride"):
            if any(n < 1 for n in self.each(name)):
                raise OpError(f"`{name}` must be at least 1, not {getattr(self, name)}")
        if any(d < 1 for d in self.spread()):
            raise OpError(f"`dilation` must be at least 1, not {self.spread()}")
        if any(not 0 <= p <= k // 2 for p, k in zip(self.each("padding"), self.each("kernel_size"), strict=True)):
            raise OpError(
                f"`padding` must be between 0 and half of `kernel_size`, as in torch; "
                f"{self.padding} is not, with {self.kernel_size}"
            )

    @property
    def counts_padding(self) -> bool:
        """Whether the padding's zeros count as cells."""
        return False

    def spread(self) -> Shape:
        """Return the distance between a window's cells, per spatial axis."""
        return self.each("dilation") if "dilation" in self.__struct_fields__ else (1,) * self.axes

    def reduce(self, seen: Array, counted: Array) -> Array:
        """Reduce the last axis, a window's cells, to one number; `counted` marks the cells that count."""
        raise NotImplementedError

    def arithmetic(self, cells: Sequence[float]) -> tuple[float, str]:
        """Reduce a window's cells term by term; return the number and its arithmetic."""
        raise NotImplementedError

    def each(self, name: str) -> tuple[int, ...]:
        """Return the field `name` with one number per spatial axis; the default stride is the kernel size."""
        value = getattr(self, name)
        if value is None:
            value = self.kernel_size
        return (value,) * self.axes if isinstance(value, int) else tuple(value)

    @classmethod
    def _field(cls, sizes: Shape) -> int | Shape:
        """Return sizes per axis in the form of a field: a number in 1d, a pair in 2d."""
        return sizes if cls.axes > 1 else sizes[0]

    def sizes(
        self,
        input_size: Shape,
        window: Shape | None = None,
        steps: Shape | None = None,
        pads: Pads | None = None,
        spread: Shape | None = None,
    ) -> Shape:
        """Return the output's spatial sizes: ⌊(M + 2P − dilation·(K − 1) − 1) / S⌋ + 1 for each axis.

        `ceil_mode` rounds up, but the last window must begin in the input or in the padding before it. Raise OpError if
        no window fits.
        """
        window = window or self.each("kernel_size")
        pads = pads or [(p, p) for p in self.each("padding")]
        sizes = []
        spread, steps = spread or self.spread(), steps or self.each("stride")
        for n, k, s, d, (before, after) in zip(input_size, window, steps, spread, pads, strict=True):
            room = n + before + after - (d * (k - 1) + 1)
            count = (-(-room // s) if self.ceil_mode else room // s) + 1
            if self.ceil_mode and (count - 1) * s >= n + before:
                count -= 1
            if count < 1:
                raise OpError(f"a window of {window} does not fit into the padded input of {tuple(input_size)}")
            sizes.append(count)
        return tuple(sizes)

    def shape(self, *shapes: Shape) -> Shape:
        (image,) = shapes
        lead = len(image) - self.axes
        if lead not in (0, 1, 2) or 0 in image:
            raise OpError(f"an `input` of shape {image} cannot be pooled along {self.axes} axes")
        return (*image[:lead], *self.sizes(image[lead:]))

    @classmethod
    def formula_of(cls, given: Collection[str]) -> str:
        start, _, _ = cls.formula.partition(" of input[")
        given = {*given, "stride"} - ({"channels"} if cls.axes == 1 else set())
        lead = formulas.lead(given, "c")
        text = f"{start} of input[{lead}{formulas.window(cls.axes, given)}]".replace("output[", f"output[{lead}")
        return text.replace("k of", "u of") + formulas.where(cls.axes, given)

    def lead(self, *shapes: Shape) -> int:
        return len(shapes[0]) - self.axes

    def resolved(self, *shapes: Shape) -> dict[str, Any]:
        names = ("kernel_size", "stride", "padding", *(["dilation"] if "dilation" in self.__struct_fields__ else []))
        sizes = {name: self._field(self.each(name)) for name in names}
        return {**msgspec.structs.asdict(self), **sizes}

    def __call__(self, *inputs: Array) -> Array:
        (image,) = inputs
        self.shape(image.shape)
        return self.pool(image)

    def pool(
        self,
        image: Array,
        *,
        window: Shape | None = None,
        steps: Shape | None = None,
        pads: Pads | None = None,
        spread: Shape | None = None,
        sizes: Shape | None = None,
        counts_padding: bool | None = None,
        reduce: Callable[[Array, Array], Array] | None = None,
    ) -> Array:
        """Pool step by step. The keywords replace one step each; the misconceptions are made of them.

        `window` is the size of a window, `steps` are the distances between windows, `pads` the padding (before, after),
        `spread` the distances between a window's cells and `sizes` the output's. Raise IndexError if a window begins
        behind the padded image.
        """
        window = window or self.each("kernel_size")
        steps = steps or self.each("stride")
        pads = pads or [(p, p) for p in self.each("padding")]
        lead, grid = image.shape[: image.ndim - self.axes], image.shape[image.ndim - self.axes :]
        spread = spread or self.spread()
        out = self.sizes(grid, window, steps, pads, spread) if sizes is None else sizes
        counts = self.counts_padding if counts_padding is None else counts_padding
        beyond = [(0, d * (k - 1)) for k, d in zip(window, spread, strict=True)]
        padded = base.zero_pad(base.zero_pad(image, pads), beyond)
        counted = base.zero_pad(base.zero_pad(np.ones(grid, dtype=bool), pads) | counts, beyond)
        seen, counted = (base.gather(a, out, steps, window, spread) for a in (padded, counted))
        cells = prod(window)  # NumPy cannot infer -1 for an array without windows
        return (reduce or self.reduce)(seen.reshape(*lead, *out, cells), counted.reshape(*out, cells))

    def cell(self, at: Sequence[int], *inputs: Array) -> Cell:
        (image,) = inputs
        at = check_at(at, self.shape(image.shape))
        split = len(at) - self.axes
        lead, place, sizes = at[:split], at[split:], image.shape[split:]
        cells, reads = [], []
        for offset in np.ndindex(*self.each("kernel_size")):
            columns = zip(place, self.each("stride"), offset, self.spread(), self.each("padding"), strict=True)
            where = tuple(i * s + o * d - p for i, s, o, d, p in columns)
            if all(0 <= w < n for w, n in zip(where, sizes, strict=True)):
                reads.append((*lead, *where))
                cells.append(float(image[reads[-1]]))
            elif self.counts_padding and all(
                w < n + p for w, n, p in zip(where, sizes, self.each("padding"), strict=True)
            ):
                cells.append(0.0)
        value, text = self.arithmetic(cells)
        return Cell(value, f"{text} = {base.number(value)}", tuple(reads))

    def apply(self, torch: Any, *tensors: Any) -> Any:
        (image,) = tensors
        module = getattr(torch.nn, type(self).__name__)(**msgspec.structs.asdict(self))
        bare = image.ndim == self.axes  # torch's 2d poolings want a channel
        result = module(image[None] if bare else image)
        return result[0] if bare else result

    @classmethod
    def samples(cls) -> Iterator[Sample]:
        return made.samples(cls)

    @classmethod
    def draw(cls, random: Random, vary: Vary) -> Sample:
        return made.draw(cls, random, vary)


class _Max(_Pool, frozen=True, forbid_unknown_fields=True, kw_only=True):
    modes: ClassVar[Any] = (*_Pool.modes, {"dilation": 2})

    def reduce(self, seen: Array, counted: Array) -> Array:
        result: Array = np.max(seen, axis=-1, initial=-np.inf, where=counted)
        return result

    def arithmetic(self, cells: Sequence[float]) -> tuple[float, str]:
        return max(cells), f"max({', '.join(map(base.number, cells))})"


class _Min(_Pool, frozen=True, forbid_unknown_fields=True, kw_only=True):
    modes: ClassVar[Any] = (*_Pool.modes, {"dilation": 2})

    def reduce(self, seen: Array, counted: Array) -> Array:
        result: Array = np.min(seen, axis=-1, initial=np.inf, where=counted)
        return result

    def arithmetic(self, cells: Sequence[float]) -> tuple[float, str]:
        return min(cells), f"min({', '.join(map(base.number, cells))})"

    def reference(self, torch: Any, *inputs: Array) -> Array:
        (image,) = inputs
        twin = (MaxPool1d if self.axes == 1 else MaxPool2d)(**msgspec.structs.asdict(self))
        largest: Array = twin.reference(torch, -image)
        return 0.0 - largest  # 0.0 − 0 is 0; −0 would be a negative zero


class _Avg(_Pool, frozen=True, forbid_unknown_fields=True, kw_only=True):
    modes: ClassVar[Any] = (
        *_Pool.modes,
        {"count_include_pad": False},
        {"ceil_mode": True, "count_include_pad": False},
    )

    count_include_pad: bool = True

    @property
    def counts_padding(self) -> bool:
        return self.count_include_pad

    def reduce(self, seen: Array, counted: Array) -> Array:
        divisor = getattr(self, "divisor_override", None) or np.sum(counted, axis=-1)
        result: Array = np.sum(seen, axis=-1, where=counted) / divisor
        return result

    def arithmetic(self, cells: Sequence[float]) -> tuple[float, str]:
        divisor = getattr(self, "divisor_override", None) or len(cells)
        return sum(cells) / divisor, f"({' + '.join(map(base.term, cells))}) / {divisor}"


class _Rows(_Pool, frozen=True, forbid_unknown_fields=True, kw_only=True):
    axes: ClassVar[Any] = 1
    plans: ClassVar[Any] = made.ROWS

    kernel_size: int
    stride: int | None = None
    padding: int = 0


class _Grids(_Pool, frozen=True, forbid_unknown_fields=True, kw_only=True):
    axes: ClassVar[Any] = 2
    plans: ClassVar[Any] = made.GRIDS

    kernel_size: Size
    stride: Size | None = None
    padding: Size = 0


class MaxPool1d(_Rows, _Max, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The largest cell of each window of each row, C×L to C×L'. Torch: ``nn.MaxPool1d``; deck: Max Pooling."""

    formula: ClassVar[Any] = "output[i] = max over k of input[i·stride + k − padding]"
    misconceptions: ClassVar[Any] = MAX_1D

    dilation: int = 1


class MaxPool2d(_Grids, _Max, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The largest cell of each window, M×N to M'×N'. Torch: ``nn.MaxPool2d``; deck: Max Pooling."""

    formula: ClassVar[Any] = "output[i, j] = max over u, v of input[i·S + u − P, j·T + v − Q]"
    misconceptions: ClassVar[Any] = MAX_2D

    dilation: Size = 1


class MinPool1d(_Rows, _Min, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The smallest cell of each window of each row, C×L to C×L'. Torch: ``−nn.MaxPool1d(−input)``."""

    formula: ClassVar[Any] = "output[i] = min over k of input[i·stride + k − padding]"
    misconceptions: ClassVar[Any] = MIN_1D

    dilation: int = 1


class MinPool2d(_Grids, _Min, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The smallest cell of each window, M×N to M'×N'. Torch: ``−nn.MaxPool2d(−input)``; deck: Pooling Layer."""

    formula: ClassVar[Any] = "output[i, j] = min over u, v of input[i·S + u − P, j·T + v − Q]"
    misconceptions: ClassVar[Any] = MIN_2D

    dilation: Size = 1


class AvgPool1d(_Rows, _Avg, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The mean of each window of each row, C×L to C×L'. Torch: ``nn.AvgPool1d``; deck: Average Pooling."""

    formula: ClassVar[Any] = "output[i] = mean over k of input[i·stride + k − padding]"
    misconceptions: ClassVar[Any] = AVG_1D


class AvgPool2d(_Grids, _Avg, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The mean of each window, M×N to M'×N'. Torch: ``nn.AvgPool2d``; deck: Average Pooling."""

    formula: ClassVar[Any] = "output[i, j] = mean over u, v of input[i·S + u − P, j·T + v − Q]"
    misconceptions: ClassVar[Any] = AVG_2D
    modes: ClassVar[Any] = (*_Avg.modes, {"divisor_override": 3, "ceil_mode": True})

    divisor_override: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.divisor_override is not None and self.divisor_override < 1:
            raise OpError(f"`divisor_override` must be at least 1, not {self.divisor_override}")
