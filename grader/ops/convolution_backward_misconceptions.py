"""The misconceptions of a convolution's backward pass: what real programs get wrong in loops, slices and sums."""

from __future__ import annotations

import numpy as np

from grader.ops.base import Misconception
from grader.ops.convolution_backward_variants import (
    Run,
    after,
    cropped,
    everywhere,
    first_channel_read,
    first_channels,
    from_input,
    from_kernel,
    images,
    last_image,
    last_window,
    masked,
    not_spread,
    one_filter,
    ones,
    overwritten,
    square_kernel,
    to_bias,
    to_both,
    to_input,
    to_kernel,
    unpadded,
)
from grader.ops.square import keep, square_part


def _misconception(id: str, run: Run, says: str, why: str, instead: str, *about: str) -> Misconception:
    return Misconception(id=id, says=says, why=why, instead=instead, run=run, about=about)


_WINDOW = (
    "Window (i, j) begins at row i·S and column j·T of the padded input, in the backward pass as in the forward pass."
)
_ADD = "An input cell lies in several windows, and its gradient is the sum over all of them."
_CROP = "The gradient of the padded input has P rows on each side that belong to the padding, not to the input."
_CHAIN = "The chain rule multiplies grad_output by the other factor of each product."
_BIAS = "The bias is added to every cell of its filter's map, so its gradient is the sum of grad_output over that map."
_KERNEL = "Each weight meets one input cell per window, and its gradient is the sum of grad_output × that cell over all windows."
_AXES = "Rows and columns have their own sizes, paddings and strides."
_BATCH = (
    "grad_output already contains whatever the loss divides by; all images share the kernel, so their gradients add up."
)
_SIGN = "A gradient has the shape of what it belongs to, and can be any real number."
_GROUPS = "With G groups, the first 1/G of the filters read the first 1/G of the channels, and so on."
_DILATION = "Dilation D leaves D − 1 cells between those that a window reads."
_SLICE = "Slice `[i*S : i*S+K]`, with `i*S`, not `i`."

_SCATTER = (
    _misconception("gradient-stride-ignored", to_both(lambda op, k: {"steps": (1, 1)}), "You ignore the stride: your windows in the backward pass begin at row i and column j.", _WINDOW, _SLICE, "stride"),
    _misconception("input-gradient-stride-ignored", to_input(lambda op, g, x, k: op.to_input(g, x, k, steps=(1, 1))), "In grad_input, you ignore the stride: you add to the window that begins at row i and column j.", _WINDOW, _SLICE, "stride"),
    _misconception("kernel-gradient-stride-ignored", to_kernel(lambda op, g, x, k: op.to_kernel(g, x, k, steps=(1, 1))), "In grad_kernel, you ignore the stride: you read the window that begins at row i and column j.", _WINDOW, _SLICE, "stride"),
    _misconception("gradient-stride-swapped", to_both(lambda op, k: {"steps": op.forward.each("stride")[::-1]}), "You exchange the stride of rows and columns in the backward pass.", _AXES, "Use stride[0] for the rows and stride[1] for the columns.", "stride"),
    _misconception("gradient-stride-rows-for-both", to_both(lambda op, k: {"steps": op.forward.each("stride")[:1] * 2}), "You use the rows' stride for the columns, too.", _AXES, "Use stride[1] for the columns.", "stride"),
    _misconception("gradient-stride-columns-for-both", to_both(lambda op, k: {"steps": op.forward.each("stride")[1:] * 2}), "You use the columns' stride for the rows, too.", _AXES, "Use stride[0] for the rows.", "stride"),
    _misconception("gradient-not-spread", to_input(not_spread), "You convolve grad_output with the flipped kernel as if the stride were 1.", "With stride S, neighbouring cells of grad_output belong to windows that are S cells apart.", "Put S − 1 zeros between the cells of grad_output first.", "stride"),
    _misconception("gradient-stride-ends-loops", masked(lambda op, g: keep(g, *(slice(-(-n // s)) for n, s in zip(g.shape[-2:], op.forward.each("stride"), strict=True)))), "You loop over `range(0, size, stride)` of grad_output, and miss its last cells.", _WINDOW, "Loop over every cell of grad_output, and multiply its index by the stride.", "stride"),
    _misconception("windows-overwritten", to_input(overwritten(True)), "In grad_input, you use `=` instead of `+=`: where windows overlap, only the last one is left.", _ADD, "Use `+=`."),
    _misconception("windows-and-filters-overwritten", to_input(overwritten(False)), "In grad_input, you use `=` instead of `+=`: only the last filter and the last window are left.", "Every filter reads the input, and every window: the gradient is the sum over all.", "Use `+=`.", "channels"),
    _misconception("kernel-gradient-overwritten", to_kernel(lambda op, g, x, k: op.to_kernel(last_window(op, g), x, k)), "In grad_kernel, you use `=` instead of `+=`: only the last window is left.", _KERNEL, "Use `+=`."),
    _misconception("bias-gradient-overwritten", to_bias(lambda g, k, b: last_window(None, g).sum(axis=tuple(a for a in range(g.ndim) if a != g.ndim - 3))), "In grad_bias, you use `=` instead of `+=`: only the last cell of grad_output is left.", _BIAS, "Use `+=`."),
    _misconception("gradient-of-last-window-only", masked(lambda op, g: keep(g, slice(-1, None), slice(-1, None))), "You use only the last window; the others add nothing.", "A line with too little indentation runs once, after the loop.", "Indent the line so that it belongs to the inner loop."),
    _misconception("gradient-of-first-window-only", masked(lambda op, g: keep(g, slice(1), slice(1))), "You use only the first window; the others add nothing.", "A `return` (or `break`) inside the loops ends them at once.", "Return after the loops."),
    _misconception("gradient-last-windows-missed", masked(lambda op, g: keep(g, slice(-1), slice(-1))), "Your loops stop before the last row and the last column of grad_output.", "`range(n - 1)` ends at n − 2; the last index is n − 1.", "Loop over `range(rows)` and `range(columns)`."),
    _misconception("gradient-loops-square-by-rows", masked(lambda op, g: square_part(g, 0)), "Both of your loops over grad_output end at its number of rows.", _AXES, "Let the inner loop end at the number of columns."),
    _misconception("gradient-loops-square-by-columns", masked(lambda op, g: square_part(g, 1)), "Both of your loops over grad_output end at its number of columns.", _AXES, "Let the outer loop end at the number of rows."),
    _misconception("gradient-kernel-square-by-rows", square_kernel(0), "You use the kernel's number of rows as its number of columns, too.", _AXES, "Read both: `rows, columns = kernel.shape[-2:]`."),
    _misconception("gradient-kernel-square-by-columns", square_kernel(1), "You use the kernel's number of columns as its number of rows, too.", _AXES, "Read both: `rows, columns = kernel.shape[-2:]`."),
)  # fmt: skip

_BORDER = (
    _misconception("gradient-crop-always-one", cropped(lambda flow, p, q, size: flow[..., 1:-1, 1:-1]), "You always remove one row and one column on each side of grad_input.", _CROP, "Remove P rows and Q columns: `[P : P + M, Q : Q + N]`."),
    _misconception("gradient-crop-empty", cropped(lambda flow, p, q, size: flow[..., p:-p, q:-q]), "You remove the padding with `[P:-P]`, which is empty for padding 0.", "`-0` is 0, and the slice `[0:0]` holds nothing.", "Use `[P : P + M]`, with the input's size M.", "padding"),
    _misconception("gradient-not-cropped", cropped(lambda flow, p, q, size: flow), "You return the gradient of the padded input.", _CROP, "Remove the padding at the end: `[P : P + M, Q : Q + N]`.", "padding"),
    _misconception("gradient-cropped-at-the-end", cropped(lambda flow, p, q, size: flow[..., : size[0], : size[1]]), "You remove all of the padding at the end of each axis.", _CROP, "Begin at P: `[P : P + M, Q : Q + N]`.", "padding"),
    _misconception("gradient-cropped-at-the-start", cropped(lambda flow, p, q, size: flow[..., p:, q:]), "You remove the padding in front, but not behind.", _CROP, "End at P + M: `[P : P + M, Q : Q + N]`.", "padding"),
    _misconception("gradient-crop-rows-for-both", cropped(lambda flow, p, q, size: flow[..., p : p + size[0], p : p + size[1]]), "You remove the rows' padding from the columns, too.", _AXES, "Use padding[1] for the columns.", "padding"),
    _misconception("gradient-crop-columns-for-both", cropped(lambda flow, p, q, size: flow[..., q : q + size[0], q : q + size[1]]), "You remove the columns' padding from the rows, too.", _AXES, "Use padding[0] for the rows.", "padding"),
    _misconception("kernel-gradient-unpadded", to_kernel(unpadded), "In grad_kernel, you read the input without its padding.", _WINDOW, "Pad the input first, as in the forward pass.", "padding"),
)  # fmt: skip

_FACTORS = (
    _misconception("input-gradient-kernel-flipped", to_input(lambda op, g, x, k: op.to_input(g, x, k[..., ::-1, ::-1])), "In grad_input, you use the kernel the wrong way around.", "An output cell spreads over its window with the kernel as it is; only as a convolution of grad_output is the kernel turned around (both axes).", "Add `kernel * grad_output[i, j]` to the window, unflipped; flip once if you convolve grad_output."),
    _misconception("kernel-gradient-flipped", to_kernel(lambda op, g, x, k: op.to_kernel(g, x, k)[..., ::-1, ::-1]), "You return grad_kernel turned around (both axes).", "kernel[u, v] meets cell (u, v) of each window.", "Do not flip grad_kernel."),
    _misconception("gradient-of-flipped-convolution", lambda op, g, x, k, b: (op.to_input(g, x, k[..., ::-1, ::-1]), op.to_kernel(g, x, k)[..., ::-1, ::-1], op.to_bias(g, k)), "You differentiate the mathematical convolution, which turns the kernel around.", "A CNN's convolution lays the kernel on the window as it is.", "Do not flip the kernel, neither in the forward pass nor here."),
    _misconception("input-gradient-kernel-transposed", to_input(lambda op, g, x, k: op.to_input(g, x, np.swapaxes(k, -1, -2))), "In grad_input, you exchange the kernel's rows and columns.", "kernel[u, v] belongs to row u and column v of the window.", "Remove the transposition."),
    _misconception("input-gradient-from-input", to_input(from_input), "In grad_input, you multiply grad_output by the input instead of the kernel.", _CHAIN, "Add `kernel * grad_output[i, j]` to the window."),
    _misconception("kernel-gradient-from-kernel", to_kernel(from_kernel), "In grad_kernel, you multiply grad_output by the kernel instead of the input.", _CHAIN, "Add `window * grad_output[i, j]`, with the window of the input."),
    _misconception("input-gradient-without-kernel", to_input(lambda op, g, x, k: op.to_input(g, x, np.ones_like(k))), "In grad_input, you do not multiply by the kernel.", _CHAIN, "Add `kernel * grad_output[i, j]` to the window."),
    _misconception("kernel-gradient-without-input", to_kernel(lambda op, g, x, k: from_kernel(op, g, x, np.ones_like(k))), "In grad_kernel, you do not multiply by the input.", _CHAIN, "Add `window * grad_output[i, j]`, with the window of the input."),
    _misconception("grad-output-unused", everywhere(ones), "You do not use grad_output, as if all of its cells were 1.", _CHAIN, "Multiply by `grad_output[i, j]`."),
    _misconception("input-gradient-without-grad-output", to_input(lambda op, g, x, k: op.to_input(ones(op, g), x, k)), "In grad_input, you do not multiply by grad_output.", _CHAIN, "Add `kernel * grad_output[i, j]` to the window."),
    _misconception("kernel-gradient-without-grad-output", to_kernel(lambda op, g, x, k: op.to_kernel(ones(op, g), x, k)), "In grad_kernel, you do not multiply by grad_output.", _CHAIN, "Add `window * grad_output[i, j]`, with the window of the input."),
    _misconception("kernel-gradient-averaged", to_kernel(lambda op, g, x, k: op.to_kernel(g, x, k) / (g.shape[-1] * g.shape[-2])), "You divide grad_kernel by the number of windows.", _KERNEL, "Use the sum, not the mean."),
    _misconception("gradients-exchanged", lambda op, g, x, k, b: (*op(g, x, k, b)[1::-1], op.to_bias(g, k)), "You return grad_kernel before grad_input.", "The order is that of the inputs: input, kernel, bias.", "Return `grad_input, grad_kernel, grad_bias`."),
    _misconception("gradients-all-zero", after(np.zeros_like), "You return gradients of the right size, but you write nothing into them.", _ADD, "Add each window's part with `+=`."),
    _misconception("input-gradient-all-zero", to_input(lambda op, g, x, k: np.zeros_like(x, float)), "You return grad_input of the right size, but you write nothing into it.", _ADD, "Add each window's part with `+=`; a copy, such as a padded one, has to be written back."),
    _misconception("kernel-gradient-all-zero", to_kernel(lambda op, g, x, k: np.zeros_like(k, float)), "You return grad_kernel of the right size, but you write nothing into it.", _KERNEL, "Add each window's part with `+=`."),
    _misconception("gradients-cut", after(np.trunc), "You store the gradients as whole numbers, so the fractions are cut off.", _SIGN, "Create them with floats: `np.zeros(shape)`, not `np.zeros_like` of whole numbers."),
    _misconception("gradients-magnitude", after(np.abs), "You lose the sign: negative gradients come out positive.", _SIGN, "Remove `abs`."),
)  # fmt: skip

_BIASES = (
    _misconception("bias-gradient-averaged", to_bias(lambda g, k, b: g.mean(axis=tuple(a for a in range(g.ndim) if a != g.ndim - 3))), "You take the mean of grad_output for grad_bias, not the sum.", _BIAS, "Use `sum`."),
    _misconception("bias-gradient-without-grad-output", to_bias(lambda g, k, b: np.ones_like(g).sum(axis=tuple(a for a in range(g.ndim) if a != g.ndim - 3))), "For grad_bias, you count the windows instead of adding grad_output.", _BIAS, "Add the cells of `grad_output`."),
    _misconception("bias-gradient-not-summed", to_bias(lambda g, k, b: g), "You return grad_output itself for grad_bias.", _BIAS, "Sum over all axes but that of the filters."),
    _misconception("bias-gradient-first-axis", to_bias(lambda g, k, b: g.sum(axis=0)), "You sum grad_output over its first axis only for grad_bias.", _BIAS, "Sum over all axes but that of the filters."),
    _misconception("bias-gradient-wrong-axes", to_bias(lambda g, k, b: g.sum(axis=tuple(range(g.ndim - 1)))), "You sum grad_output over all axes but the last for grad_bias.", "The filters are the axis before rows and columns: N × F × rows × columns.", "Sum over the other axes: `sum(axis=(0, 2, 3))`.", "channels"),
    _misconception("bias-gradient-total", to_bias(lambda g, k, b: np.full(len(k), g.sum()) if k.ndim == 4 else g.sum()), "You give every filter the sum of the whole of grad_output.", _BIAS, "Sum over all axes but that of the filters.", "channels"),
    _misconception("bias-gradient-per-image", to_bias(lambda g, k, b: g.sum(axis=(-2, -1))), "You return a grad_bias for each image.", _BATCH, "Sum over the images, too: `sum(axis=(0, 2, 3))`.", "batch"),
    _misconception("bias-gradient-all-zero", to_bias(lambda g, k, b: np.zeros_like(b, float)), "You return grad_bias of the right size, but you write nothing into it.", _BIAS, "Add the cells of `grad_output`."),
    _misconception("bias-gradient-of-last-image", to_bias(lambda g, k, b: g[-1].sum(axis=(-2, -1)) if g.ndim == 4 else g.sum(axis=(-2, -1))), "In grad_bias, only the last image of the batch is left.", _BATCH, "Use `+=`, or sum over the images, too: `sum(axis=(0, 2, 3))`.", "batch"),
    _misconception("bias-gradient-times-bias", to_bias(lambda g, k, b: g.sum(axis=tuple(a for a in range(g.ndim) if a != g.ndim - 3)) * b), "You multiply grad_bias by the bias.", "The bias is added, so the output grows as fast as the bias does: the factor is 1.", "Return the sum of grad_output.", "bias"),
)  # fmt: skip

_DEEP = (
    _misconception("batch-averaged", lambda op, g, x, k, b: (op.to_input(g, x, k), op.to_kernel(g, x, k) / images(g), op.to_bias(g, k) / images(g)), "You divide grad_kernel and grad_bias by the number of images.", _BATCH, "Do not divide: the loss does so, and grad_output contains it.", "batch"),
    _misconception("batch-averaged-everywhere", lambda op, g, x, k, b: tuple(value / images(g) for value in op(g, x, k, b)), "You divide all gradients by the number of images.", _BATCH, "Do not divide: the loss does so, and grad_output contains it.", "batch"),
    _misconception("gradient-of-last-image-only", lambda op, g, x, k, b: (op.to_input(g, x, k), op.to_kernel(last_image(op, g), x, k), op.to_bias(last_image(op, g), k)), "Only the last image of the batch counts for grad_kernel and grad_bias.", _BATCH, "Create both before the loop over the images, and use `+=`.", "batch"),
    _misconception("input-gradient-of-last-filter-only", to_input(lambda op, g, x, k: op.to_input(one_filter(-1)(op, g), x, k)), "You overwrite grad_input with each filter, so only the last filter is left.", "Every filter reads the input: the gradient is the sum over the filters.", "Use `+=`.", "channels"),
    _misconception("gradient-of-first-filter-only", everywhere(one_filter(0)), "You use only the first filter; the others add nothing.", "Each filter has a map of grad_output, a kernel and a bias of its own.", "Loop over all filters.", "channels"),
    _misconception("kernel-gradient-of-first-channel", to_kernel(first_channel_read), "In grad_kernel, you read the first channel of the input for all channels.", _KERNEL, "Use the window of channel c for `grad_kernel[f, c]`.", "channels"),
    _misconception("gradient-groups-ignored", lambda op, g, x, k, b: first_channels(op, g, x, k), "You ignore the groups: every filter reads the first channels.", _GROUPS, "Let filter f begin at channel `f // (F // G) * (C // G)`.", "groups"),
    _misconception("gradient-dilation-ignored", to_both(lambda op, k: {"spread": (1, 1)}), "You ignore the dilation in the backward pass.", _DILATION, "Use cell `i * S + u * D` for kernel[u].", "dilation"),
    _misconception("input-gradient-dilation-ignored", to_input(lambda op, g, x, k: op.to_input(g, x, k, spread=(1, 1))), "In grad_input, you ignore the dilation.", _DILATION, "Add to cell `i * S + u * D` for kernel[u].", "dilation"),
    _misconception("kernel-gradient-dilation-ignored", to_kernel(lambda op, g, x, k: op.to_kernel(g, x, k, spread=(1, 1))), "In grad_kernel, you ignore the dilation.", _DILATION, "Read cell `i * S + u * D` for kernel[u].", "dilation"),
)  # fmt: skip

CONV_BACKWARD = (*_SCATTER, *_BORDER, *_FACTORS, *_BIASES, *_DEEP)
