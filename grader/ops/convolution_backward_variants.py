"""Backward passes of a convolution computed in wrong ways, one gradient at a time or all of them.

Each function returns one such variant, or computes it. convolution_backward_misconceptions.py names them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.ops.base import Array
from grader.ops.square import square_part

Three = tuple[Array, Array, Array]
Run = Callable[..., Any]


def to_input(change: Callable[..., Any]) -> Run:
    """Compute the gradient of the input with `change(op, grad, image, kernel)`, the others correctly."""
    return lambda op, g, x, k, b: (change(op, g, x, k), op.to_kernel(g, x, k), op.to_bias(g, k))


def to_kernel(change: Callable[..., Any]) -> Run:
    """Compute the gradient of the kernel with `change(op, grad, image, kernel)`, the others correctly."""
    return lambda op, g, x, k, b: (op.to_input(g, x, k), change(op, g, x, k), op.to_bias(g, k))


def to_bias(change: Callable[[Array, Array, Array], Any]) -> Run:
    """Compute the gradient of the bias with `change(grad, kernel, bias)`, the others correctly."""
    return lambda op, g, x, k, b: (op.to_input(g, x, k), op.to_kernel(g, x, k), np.asarray(change(g, k, b)))


def to_both(change: Callable[[Any, Array], dict[str, Any]]) -> Run:
    """Replace steps for the gradients of input and kernel; `change` receives the operator."""

    def wrong(op: Any, g: Array, x: Array, k: Array, b: Array) -> Three:
        how = change(op, k)
        return op.to_input(g, x, k, **how), op.to_kernel(g, x, k, **how), op.to_bias(g, k)

    return wrong


def masked(change: Callable[[Any, Array], Array]) -> Run:
    """Use only a part of `grad_output` for the gradients of input and kernel."""

    def wrong(op: Any, g: Array, x: Array, k: Array, b: Array) -> Three:
        part = change(op, g)
        return op.to_input(part, x, k), op.to_kernel(part, x, k), op.to_bias(g, k)

    return wrong


def everywhere(change: Callable[[Any, Array], Array]) -> Run:
    """Use something else than `grad_output` for all gradients."""
    return lambda op, g, x, k, b: op(change(op, g), x, k, b)


def after(change: Callable[[Array], Array]) -> Run:
    """Change all gradients."""
    return lambda op, g, x, k, b: tuple(np.asarray(change(value)) for value in op(g, x, k, b))


def ones(op: Any, grad: Array) -> Array:
    """Return ones in place of `grad_output`."""
    return np.ones_like(grad)


def images(grad: Array) -> int:
    """Return the number of images."""
    return len(grad) if grad.ndim == 4 else 1


def last_image(op: Any, grad: Array) -> Array:
    """Keep the last image's gradients only."""
    kept = np.zeros_like(grad)
    kept[-1:] = grad[-1:]
    return kept if grad.ndim == 4 else grad


def overwritten(filters_summed: bool) -> Callable[..., Array]:
    """Assign each window's part of the input's gradient instead of adding it, after summing over filters or not."""

    def change(op: Any, g: Array, x: Array, k: Array) -> Array:
        grads, padded, weights = op.parts(g, x, k)
        if not filters_summed:
            grads, weights = grads[:, :, -1:], weights[:, -1:]
        flow = np.zeros_like(padded)
        (s, t), (d, e) = op.forward.each("stride"), op.forward.each("dilation")
        high, wide = (n * (size - 1) + 1 for n, size in zip((d, e), k.shape[-2:], strict=True))
        for i, j in np.ndindex(*g.shape[-2:]):
            part = np.einsum("ngf,gfcuv->ngcuv", grads[..., i, j], weights)
            flow[..., i * s : i * s + high : d, j * t : j * t + wide : e] = part
        found: Array = op.crop(flow.reshape(*x.shape[:-2], *flow.shape[-2:]), x, k)
        return found

    return change


def last_window(op: Any, grad: Array) -> Array:
    """Keep the gradient of the last window of the last image only."""
    kept = np.zeros_like(grad)
    kept[..., -1, -1] = last_image(op, grad)[..., -1, -1]
    return kept


def cropped(change: Callable[[Array, int, int, tuple[int, int]], Array]) -> Run:
    """Remove the padding in another way; `change` receives the padded gradient, P, Q and the input's sizes."""

    def wrong(op: Any, g: Array, x: Array, k: Array) -> Any:
        (p, _), (q, _) = op.forward.pads(k.shape[-2:])
        return op.to_input(g, x, k, crop=lambda flow: change(flow, p, q, x.shape[-2:]))

    return to_input(wrong)


def not_spread(op: Any, g: Array, x: Array, k: Array) -> Array:
    """Convolve `grad_output` in full with the flipped kernel, without zeros between its cells; crop the padding."""
    grads, _, weights = op.parts(g, x, k)
    (d, e), (p, q) = op.forward.each("dilation"), (before for before, _ in op.forward.pads(k.shape[-2:]))
    rows, columns = g.shape[-2:]
    high, wide = rows + d * (k.shape[-2] - 1), columns + e * (k.shape[-1] - 1)
    if high <= 2 * p or wide <= 2 * q:
        raise ValueError("the padding is larger than the result")
    flow = np.zeros((*grads.shape[:2], weights.shape[2], high, wide))
    for (u, v), cells in op.cells(k.shape[-2:], (rows, columns), steps=(1, 1)):
        flow[cells] += np.einsum("ngfij,gfc->ngcij", grads, weights[..., u, v])
    return flow.reshape(*x.shape[:-2], high, wide)[..., p : high - p, q : wide - q]


def unpadded(op: Any, g: Array, x: Array, k: Array) -> Any:
    """Read the input without its padding for the gradient of the kernel."""
    return op.changed(padding=0).to_kernel(g, x, k)


def square_kernel(axis: int) -> Run:
    """Loop over both axes of the kernel as far as one of them reaches."""

    def wrong(op: Any, g: Array, x: Array, k: Array, b: Array) -> Three:
        found = square_part(op.to_kernel(g, x, k), axis)
        return op.to_input(g, x, square_part(k, axis)), found, op.to_bias(g, k)

    return wrong


def from_input(op: Any, g: Array, x: Array, k: Array) -> Any:
    """Add the window of the input in place of the kernel to the gradient of the input."""
    grads, padded, _ = op.parts(g, x, k)
    flow = np.zeros_like(padded)
    for _, cells in op.cells(k.shape[-2:], g.shape[-2:]):
        flow[cells] += grads.sum(2)[:, :, None] * padded[cells]
    return op.crop(flow.reshape(*x.shape[:-2], *flow.shape[-2:]), x, k)


def from_kernel(op: Any, g: Array, x: Array, k: Array) -> Any:
    """Add the kernel in place of the window of the input to the gradient of the kernel."""
    return op.to_bias(g, k)[(..., *(None,) * 3)] * k if k.ndim == 4 else g.sum() * k


def first_channels(op: Any, g: Array, x: Array, k: Array) -> Three:
    """Let every filter read and serve the first channels, as if there were no groups."""
    if k.ndim == 2:
        return op.to_input(g, x, k), op.to_kernel(g, x, k), op.to_bias(g, k)
    alone, at = op.changed(groups=1), x.ndim - 3
    first = np.take(x, range(k.shape[1]), axis=at)
    found = np.zeros_like(x)
    found[(..., slice(k.shape[1]), slice(None), slice(None))] = alone.to_input(g, first, k)
    return found, alone.to_kernel(g, first, k), op.to_bias(g, k)


def first_channel_read(op: Any, g: Array, x: Array, k: Array) -> Array:
    """Read the first channel of the input for the kernel's weights of all channels."""
    found = op.to_kernel(g, x, k)
    return np.broadcast_to(found[:, :1], found.shape) if k.ndim == 4 else found


def one_filter(which: int) -> Callable[[Any, Array], Array]:
    """Keep the gradients of one filter's map only."""

    def change(op: Any, grad: Array) -> Array:
        if grad.ndim == 2:
            return grad
        kept = np.zeros_like(grad)
        kept[..., which, :, :] = grad[..., which, :, :]
        return kept

    return change
