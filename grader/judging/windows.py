"""How the window of a convolution or a pooling moves over the padded input, and its sizes in the deck's notation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from grader.model.exercise import Case, Exercise
from grader.model.signature import shown_arguments
from grader.ops.base import Array, Pair, Shape, gather, number, zero_pad
from grader.ops.convolution import Conv1d, Conv2d
from grader.ops.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d, MinPool1d, MinPool2d

CONVOLUTIONS = (Conv1d, Conv2d)
AVERAGES = (AvgPool1d, AvgPool2d)
MINIMA = (MinPool1d, MinPool2d)
POOLINGS = (MaxPool1d, MaxPool2d, *MINIMA, *AVERAGES)


class Window(NamedTuple):
    """How an operator moves over its input, per spatial axis. `cells` are places in the padded input."""

    pads: tuple[Pair, ...]
    size: Shape
    steps: Shape
    spread: Shape
    padded: Array
    cells: Array


def bordered(op: Any, image: Array, window: Window) -> Array:
    """Return an image with the border that the operator puts around it; a pooling's is shown as zeros."""
    padded: Array = op.fill(image, window.pads) if isinstance(op, CONVOLUTIONS) else zero_pad(image, window.pads)
    return padded


def window_of(op: Any, inputs: Sequence[Array], shape: Shape) -> Window | None:
    """Return how a convolution or a pooling moves; None for other operators."""
    if isinstance(op, CONVOLUTIONS):
        size = inputs[1].shape[-op.axes :]
        pads, spread = op.pads(size), op.each("dilation")
    elif isinstance(op, POOLINGS):
        size, spread = op.each("kernel_size"), op.spread()
        pads = tuple((p, p) for p in op.each("padding"))
    else:
        return None
    image = inputs[0]
    padded = zero_pad(np.ones(image.shape), pads)
    index = np.arange(1, padded.size + 1).reshape(padded.shape)
    beyond = [(0, d * (k - 1)) for k, d in zip(size, spread, strict=True)]  # `ceil_mode` lets a window hang over
    steps = op.each("stride")
    cells = gather(zero_pad(index, beyond), shape[len(shape) - op.axes :], steps, size, spread) - 1
    return Window(tuple(pads), size, steps, spread, padded, cells)


def _by(sizes: Sequence[int]) -> str:
    return " × ".join(map(str, sizes))


def _pair(sizes: Sequence[int]) -> str:
    return str(sizes[0]) if len(sizes) == 1 else f"({', '.join(map(str, sizes))})"


def _field(value: Any) -> str:
    """Write the value of a field: a pair, or a network's layers."""
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return " → ".join(_layer(item) for item in value)
    return f"({', '.join(map(_field, value))})" if isinstance(value, list) else str(value)


def _layer(layer: dict[str, Any]) -> str:
    sizes = [f"{name.replace('_', ' ')} {size}" for name, size in layer.items() if name != "kind"]
    return f"{layer.get('kind', '')} ({', '.join(sizes)})" if sizes else str(layer.get("kind", ""))


def notation(
    exercise: Exercise, op: Any, inputs: Sequence[Array], window: Window | None, shape: Shape, case: Case
) -> Iterator[tuple[str, str]]:
    """Yield the sizes with the names that the deck gives them, or what else than arrays the function receives."""
    if window is None:
        for name, value in shown_arguments(exercise, case)[1].items():
            parts = value if isinstance(value, dict) else {name: value}
            yield from ((key, _field(part)) for key, part in parts.items())
        return
    flat = len(window.size) == 1
    image = inputs[0].shape
    yield f"Input {'N' if flat else 'M × N'}", _by(image)
    yield f"Kernel {'K' if flat else 'K × O'}", _by(window.size)
    yield f"Stride {'S' if flat else '(S, T)'}", _pair(window.steps)
    if all(before == after for before, after in window.pads):
        yield f"Padding {'P' if flat else 'P × Q'}", _by([before for before, _ in window.pads])
    else:
        names = (("before", "after"),) if flat else (("above", "below"), ("left", "right"))
        sides = zip(names, window.pads, strict=True)
        yield "Padding", ", ".join(f"{n} {name}" for each, pair in sides for n, name in zip(pair, each, strict=True))
    if getattr(op, "padding_mode", "zeros") != "zeros":
        yield "Padding mode", op.padding_mode
    if any(any(pair) for pair in window.pads):
        yield "Padded shape", _by(window.padded.shape)
    if any(d > 1 for d in window.spread):
        yield "Dilation", _pair(window.spread)
    if getattr(op, "groups", 1) > 1:
        yield "Groups", str(op.groups)
    if getattr(op, "ceil_mode", False):
        yield "Ceil mode", "on"
    if isinstance(op, AVERAGES):
        yield "Padding counts", "yes" if op.counts_padding else "no"
    yield "Output", _by(shape) or "a number"


def formula(op: Any, inputs: Sequence[Array], window: Window | None, shape: Shape) -> Iterator[str]:
    """Yield the formula of the output's size with the numbers filled in, one line per axis."""
    if window is None:
        return
    axes = len(window.size)
    letters = (("rows", "M", "P", "K", "S"), ("columns", "N", "Q", "O", "T")) if axes == 2 else (("length", *"NPKS"),)
    low, high = ("⌈", "⌉") if getattr(op, "ceil_mode", False) else ("⌊", "⌋")
    sizes = inputs[0].shape[inputs[0].ndim - axes :]
    out = shape[len(shape) - axes :]
    columns = zip(letters, sizes, window.pads, window.size, window.steps, window.spread, out, strict=True)
    for (name, m, p, k, s), n, (before, after), size, step, d, result in columns:
        span, spanned = (k, str(size)) if d == 1 else (f"D·({k} − 1) − 1", f"{d}·({size} − 1) − 1")
        pads = f"2·{before}" if before == after else f"{before} + {after}"
        yield (
            f"{name}: {low}({m} + 2{p} − {span}) / {s}{high} + 1 = "
            f"{low}({n} + {pads} − {spanned}) / {step}{high} + 1 = {result}"
        )


def running(op: Any) -> str:
    """Name the number that grows while a window is gone through."""
    if isinstance(op, (*CONVOLUTIONS, *AVERAGES)):
        return "Running sum"
    if isinstance(op, POOLINGS):
        return "Smallest so far" if isinstance(op, MINIMA) else "Largest so far"
    return ""


def reach(op: Any, inputs: Sequence[Array], window: Window | None) -> int:
    """Return the number of cells that a window sees, over all channels."""
    if window is None:
        return 1
    deep = isinstance(op, CONVOLUTIONS) and inputs[1].ndim > op.axes
    return prod(window.size) * (inputs[1].shape[1] if deep else 1)


def so_far(op: Any, image: Array, window: Window, cells: Sequence[int]) -> Iterator[str]:
    """Yield a pooling's running result over the cells that count."""
    counts = op.counts_padding
    padded, inside = zero_pad(image, window.pads).ravel(), window.padded.ravel()
    total: float | None = None
    for i in cells:
        if inside[i] or counts:
            value = float(padded[i])
            if total is None:
                total = value
            elif isinstance(op, AVERAGES):
                total += value
            else:
                total = min(total, value) if isinstance(op, MINIMA) else max(total, value)
            yield number(total)
