"""The border of a convolution: how wide it is on each side, and what it holds.

`padding_mode` is that of ``torch.nn.Conv2d``. Sides of their own have the form ``[[top, bottom], [left, right]]``, in
1d ``[before, after]``: torch pads with ``torch.nn.functional.pad`` before the convolution, which names the last axis
first. Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from grader.ops.base import Array, OpError, Pair, Shape, zero_pad

Mode = Literal["zeros", "reflect", "replicate", "circular"]
Pads = tuple[Pair, ...]
Ends = Annotated[Pair, msgspec.Meta(description="a pair [before, after]")]
Sides = Annotated[
    tuple[int | Pair, int | Pair],
    msgspec.Meta(description="a pair [rows, columns] or [[top, bottom], [left, right]]"),
]
_NUMPY: dict[str, Any] = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def sided(padding: Any, axes: int) -> bool:
    """Tell whether a padding is stated for each side."""
    return isinstance(padding, tuple) and (axes == 1 or any(isinstance(side, tuple) for side in padding))


def sides(padding: Any, axes: int) -> Pads:
    """Return a padding that is a number, a number per axis, or one per side, as (before, after) of each axis."""
    if isinstance(padding, int):
        return ((padding, padding),) * axes
    if axes == 1 and len(padding) == 2:
        return (padding,)
    return tuple((side, side) if isinstance(side, int) else side for side in padding)


def fill(image: Array, margins: Sequence[Pair], mode: str) -> Array:
    """Put a border around the last axes."""
    if mode == "zeros" or not any(map(any, margins)):
        return zero_pad(image, margins)
    return np.pad(image, [*[(0, 0)] * (image.ndim - len(margins)), *margins], mode=_NUMPY[mode])


def check(sizes: Shape, pads: Pads, mode: str) -> None:
    """Raise OpError if the input is too small for its border."""
    most = {"reflect": -1, "circular": 0}.get(mode)
    for n, pair in zip(sizes, pads, strict=True):
        if most is not None and max(pair) > n + most:
            less = "smaller than" if most else "at most"
            raise OpError(f"`padding` must be {less} the input's size with `padding_mode: {mode}`; {max(pair)} is not")


def source(place: int, size: int, mode: str) -> int | None:
    """Return the cell of an axis that a place in or around it shows; None for a zero."""
    if 0 <= place < size:
        return place
    if mode == "zeros":
        return None
    if mode == "circular":
        return place % size
    nearest = min(max(place, 0), size - 1)
    return nearest if mode == "replicate" else 2 * nearest - place
