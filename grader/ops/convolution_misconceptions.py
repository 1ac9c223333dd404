"""The misconceptions of convolution: parameters ignored, swapped, doubled, off by one, used on one axis or one side.

In real student code, the most frequent are a wrong window, a wrong size, or a parameter that is used in one place only.
"""

from __future__ import annotations

import numpy as np

from grader.ops.base import Misconception
from grader.ops.convolution_channels_misconceptions import BATCH, CHANNELS, DILATED_GRIDS, DILATION, GROUPS
from grader.ops.convolution_padding_misconceptions import PADDING_1D, PADDING_2D
from grader.ops.convolution_variants import (
    Run,
    after,
    bias_first,
    by_output_index,
    changed,
    cumulative,
    exchanged,
    filled,
    first_channel,
    gaps,
    kernel_cut,
    less_one,
    odd_zero_before,
    padded,
    room,
    run,
    sized,
    sliced,
    square_loops,
    square_output,
    square_window,
    stopped_early,
    stride_unused_in_size,
    summed,
    with_bias,
    with_kernel,
)
from grader.ops.square import keep


def _misconception(id: str, run: Run, says: str, why: str, instead: str, *about: str) -> Misconception:
    return Misconception(id=id, says=says, why=why, instead=instead, run=run, about=about)


_UNFLIPPED = "A CNN's convolution lays the kernel on the window as it is; only the mathematical convolution turns it."
_EACH_AXIS = "Rows and columns have their own sizes, paddings and strides."
_FORMULA = "An axis of size M gives ⌊(M + 2P − K) / S⌋ + 1 windows."
_ZEROS = "Padding P puts P rows (or columns) of zeros on both sides of the input, before the kernel moves over it."
_MOVE = "Stride S means that window i begins at i × S, and that the output has room for just these windows."
_ONCE = "Each sum gets the bias once, after all products are added."
_FRESH = "Each output cell is the sum over its own window alone."
_FLOATS = "An answer can be any real number, and the output array must be able to hold it."

_ANY = (
    _misconception("kernel-flipped", lambda op, x, k, b: run(op, x, np.flip(k, tuple(range(-op.axes, 0))), b),
         "You turn the kernel around (both axes) before you multiply.", _UNFLIPPED, "Use `kernel[u, v]`, not `kernel[::-1, ::-1]`.", "kernel"),
    _misconception("kernel-unused", with_kernel(np.ones_like),
         "You add up the window without multiplying by the kernel.", "The kernel's numbers are the weights of the window's cells.",
         "Multiply the window by the kernel, cell by cell, before summing.", "kernel"),
    _misconception("kernel-added", lambda op, x, k, b: run(op, x, k, b, combine=np.add),
         "You add the kernel to the window instead of multiplying.", "Each cell of the window is weighted: multiplied by the kernel's number there.",
         "Use `*` between window and kernel.", "kernel"),
    _misconception("kernel-subtracted", lambda op, x, k, b: run(op, x, k, b, combine=np.subtract),
         "You subtract the kernel from the window instead of multiplying.", "Each cell of the window is weighted: multiplied by the kernel's number there.",
         "Use `*` between window and kernel.", "kernel"),
    _misconception("kernel-end-unread", lambda op, x, k, b: run(op, x, kernel_cut(k, op.axes), b),
         "Your loops over the kernel stop before its last row and column.", "`range(k - 1)` ends at k − 2; the last index is k − 1.",
         "Loop over `range(k)` for each axis of the kernel.", "kernel"),
    _misconception("kernel-fixed-size", lambda op, x, k, b: run(op, x, k, b, window=(3,) * op.axes),
         "You treat every kernel as if its size were 3.", "`H - 2` and `x[i:i+3]` are right for kernels of size 3 only.",
         "Read the size from `kernel.shape`.", "kernel"),
    _misconception("mean-for-sum", summed(lambda p, b: p.mean(-1) + b),
         "You take the mean of the products instead of their sum.", "A convolution adds the products; dividing belongs to average pooling.", "Use `sum`.", "kernel"),
    _misconception("max-for-sum", summed(lambda p, b: p.max(-1) + b),
         "You take the largest product instead of the sum of all products.", "A convolution adds the products; the maximum belongs to max pooling.", "Use `sum`.", "kernel"),
    _misconception("bias-missing", with_bias(lambda b, k: np.zeros_like(b)), "You do not add the bias.", _ONCE, "Add `bias` to the sum of products.", "bias"),
    _misconception("bias-per-product", with_bias(lambda b, k: b * (k.size // (b.size or 1))),
         "You add the bias to every product, so it counts once for each kernel cell.", _ONCE, "Add `bias` after summing, outside the loops over the kernel.", "bias"),
    _misconception("bias-subtracted", with_bias(lambda b, k: -b), "You subtract the bias.", _ONCE, "Use `+ bias`.", "bias"),
    _misconception("bias-doubled", with_bias(lambda b, k: 2 * b), "You add the bias twice.", _ONCE, "Start the sum at 0, or start it at the bias and do not add the bias again.", "bias"),
    _misconception("bias-multiplied", summed(lambda p, b: p.sum(-1) * b), "You multiply the sum by the bias.", _ONCE, "Use `+ bias`.", "bias"),
    _misconception("bias-always-one", with_bias(lambda b, k: np.ones_like(b)), "You always add 1 instead of the bias.", "On the slides the bias happens to be 1.", "Add `bias`.", "bias"),
    _misconception("bias-first-cell-only", bias_first, "You add the bias to the first output cell only.", _ONCE, "Reset the sum to `bias` for every window.", "bias"),
    _misconception("padding-ignored", changed(lambda op, k: {"padding": 0}), "You do not pad the input.", _ZEROS, "Start with `np.pad(input, ((P, P), (Q, Q)))`.", "padding"),
    _misconception("padding-doubled", padded(lambda p, q: (2 * p, 2 * q)), "You pad every side by twice the padding.", _ZEROS, "Pad by P on each side; 2P is the total.", "padding"),
    _misconception("padding-halved", padded(lambda p, q: (p // 2, q - q // 2)),
         "You treat the padding as the total of both sides.", _ZEROS, "Pad by P before and by P after.", "padding"),
    _misconception("padding-before-only", padded(lambda p, q: (p, 0)), "You pad only above and on the left, or you count the padding only once in the output's size.", _ZEROS, "Pad by P before and by P after; the size grows by 2P.", "padding"),
    _misconception("padding-after-only", padded(lambda p, q: (0, q)), "You pad only below and on the right.", _ZEROS, "Pad by P before and by P after.", "padding"),
    _misconception("padding-all-before", padded(lambda p, q: (p + q, 0)), "You put all zeros above and on the left.", _ZEROS, "Put the input in the middle: at `[P:-P]` of the padded array.", "padding"),
    _misconception("padding-all-after", padded(lambda p, q: (0, p + q)),
         "You leave the input in the top left corner, so all zeros are below and on the right.", _ZEROS, "Put the input in the middle: begin at row P, column Q of the padded array.", "padding"),
    _misconception("padding-odd-zero-before", odd_zero_before, "Where `same` padding is uneven, you put the odd zero before the input.",
         "An even kernel needs an odd number of zeros; torch puts the odd one below and on the right.", "Pad `total // 2` before and the rest after.", "padding", "uneven-padding"),
    _misconception("padding-one-more", padded(lambda p, q: (p + 1, q + 1)), "You pad every side by one more than the padding.", _ZEROS, "Pad by P on each side.", "padding"),
    _misconception("padding-one-less", padded(lambda p, q: (max(p - 1, 0), max(q - 1, 0))), "You pad every side by one less than the padding.", _ZEROS, "Pad by P on each side.", "padding"),
    _misconception("padding-with-ones", filled(constant_values=1), "You pad with ones.", _ZEROS, "Pad with zeros: `np.pad(input, …)` does so by default.", "padding"),
    _misconception("padding-with-edge", filled(mode="edge"), "You repeat the border cells instead of padding with zeros.", _ZEROS, "Pad with zeros: omit `mode=\"edge\"`.", "padding"),
    _misconception("padding-wraps", filled(mode="wrap"), "Your windows read the opposite side of the input where they cross its border.",
         "A negative index counts from the end in Python: `input[-1]` is the last row, not a zero.", "Pad with zeros first; then the indices are never negative.", "padding"),
    _misconception("padding-in-size-only", lambda op, x, k, b: run(op, x, k, b, pads=((0, 0),) * op.axes),
         "You count the padding in the output's size but never pad the input.", _ZEROS, "Pad the input too, and read the windows from the padded array.", "padding"),
    _misconception("padding-same-always", changed(lambda op, k: {"padding": tuple(n // 2 for n in k)}),
         "You always pad so that the output has the input's size.", _ZEROS, "Pad by the padding that the function receives; without one, do not pad.", "kernel"),
    _misconception("full-convolution", changed(lambda op, k: {"padding": tuple(n - 1 for n in k)}),
         "You let the kernel extend beyond the input's edges (the `full` convolution).", "A kernel stays inside the (padded) input.", "Use only the windows that lie completely inside the padded input.", "kernel"),
    _misconception("stride-ignored", changed(lambda op, k: {"stride": 1}), "You move the window by 1, whatever the stride is.", _MOVE, "Begin window (i, j) at row i × S, column j × T.", "stride"),
    _misconception("stride-doubled", changed(lambda op, k: {"stride": tuple(2 * s for s in op.each("stride"))}), "You move the window by twice the stride.", _MOVE, "Multiply by the stride once.", "stride"),
    _misconception("stride-one-more", changed(lambda op, k: {"stride": tuple(s + 1 for s in op.each("stride"))}), "You move the window by one more than the stride.", _MOVE, "Begin window i at i × S.", "stride"),
    _misconception("stride-is-kernel-size", changed(lambda op, k: {"stride": k}),
         "You move the window by the kernel's size, so the windows never overlap.", _MOVE, "Move by the stride.", "kernel"),
    _misconception("stride-as-dilation", changed(lambda op, k: {"stride": 1, "dilation": op.each("stride")}),
         "You leave gaps inside the window instead of between the windows.", _MOVE, "Let the window's cells be neighbours; only its first cell moves by the stride.", "stride"),
    _misconception("window-not-moved", lambda op, x, k, b: run(op, x, k, b, sizes=op.sizes(x.shape[-op.axes:], k.shape[-op.axes:]), steps=(1,) * op.axes),
         "You size the output by the stride, but you do not move the window by it.", _MOVE, "Read the window from `i * S`, not from `i`.", "stride"),
    _misconception("stride-not-in-size", lambda op, x, k, b: run(op, x, k, b, sizes=op.changed(stride=1).sizes(x.shape[-op.axes:], k.shape[-op.axes:])),
         "You move the window by the stride, but you size the output as if the stride were 1.", _MOVE, _FORMULA, "stride"),
    _misconception("stride-leaves-gaps", gaps, "Your loop over the output steps by the stride and leaves zeros between the results.", _MOVE, "Step through the output cells by 1, and multiply the index by the stride where you read the input.", "stride"),
    _misconception("size-ceil", sized(lambda op, m, k, n: [np.ceil(r) + 1 for r in room(op, m, k)]),
         "You round the output's size up if the stride does not divide it.", _FORMULA, "Round down: use `//`.", "stride"),
    _misconception("size-round", sized(lambda op, m, k, n: [round(r) + 1 for r in room(op, m, k)]),
         "You round the output's size to the nearest whole number.", _FORMULA, "Round down: use `//`.", "stride"),
    _misconception("size-input-over-stride", sized(lambda op, m, k, n: [a // s for a, s in zip(m, op.each("stride"), strict=True)]),
         "You use the input's size divided by the stride as the output's size.", _FORMULA, "Subtract the kernel's size first, and add 1 at the end.", "stride"),
    _misconception("size-without-plus-one", sized(lambda op, m, k, n: [a - 1 for a in n]),
         "You forget the + 1 in the output's size, so the last window of each axis is missing.", _FORMULA, "Add 1 after the division.", "kernel"),
    _misconception("size-one-more", sized(lambda op, m, k, n: [a + 1 for a in n]), "Your output has one row and one column more than there are windows.", _FORMULA, "Stop at the last window that fits.", "kernel"),
    _misconception("accumulator-not-reset", summed(lambda p, b: cumulative(p.sum(-1)) + b),
         "You never reset the sum to zero, so each cell includes all cells before it.", _FRESH, "Set the sum to 0 inside the loops over the output.", "kernel"),
    _misconception("accumulator-keeps-bias", summed(lambda p, b: cumulative(p.sum(-1) + b)),
         "You never reset the sum to zero, so each cell includes all cells before it and their biases.", _FRESH, "Set the sum to 0 inside the loops over the output.", "bias"),
    _misconception("only-first-window", lambda op, x, k, b: keep(run(op, x, k, b), *[slice(0, 1)] * op.axes),
         "You compute only the first output cell; the others stay zero.", "A `return` (or `break`) inside the loops ends them at once.", "Return after the loops.", "kernel"),
    _misconception("only-last-window", lambda op, x, k, b: keep(run(op, x, k, b), *[slice(-1, None)] * op.axes),
         "You compute only the last output cell; the others stay zero.", "A line with too little indentation runs once, after the loop.", "Indent the line so that it belongs to the inner loop.", "kernel"),
    _misconception("all-zero", after(np.zeros_like), "Your output has the right size, but you write nothing into it.", _FRESH, "Assign each sum to its output cell.", "kernel"),
    _misconception("activation-added", after(lambda y: np.maximum(y, 0)), "You set negative results to zero (ReLU).", "The activation is a separate layer after the convolution.", "Return the sums as they are.", "kernel"),
    _misconception("magnitude", after(np.abs), "You lose the sign: negative results come out positive.", _FRESH, "Remove `abs`.", "kernel"),
    _misconception("clipped-to-byte", after(lambda y: np.clip(y, 0, 255)), "You clip the results to 0 … 255, as in a picture.", _FLOATS, "Remove `clip`: a feature map is not a picture.", "kernel"),
    _misconception("byte-overflow", after(lambda y: np.trunc(y) % 256), "You store the results as bytes (`uint8`), so values below 0 or above 255 wrap around.", _FLOATS, "Create the output with floats: `np.zeros(shape)`.", "kernel"),
    _misconception("fraction-cut", after(np.trunc), "You store the results as whole numbers, so the fractions are cut off.", _FLOATS, "Create the output with floats: use `np.zeros(shape)` without `dtype=int`.", "kernel"),
    _misconception("rounded", after(np.rint), "You round the results to whole numbers.", _FLOATS, "Return the sums as they are.", "kernel"),
    _misconception("dilation-ignored", changed(lambda op, k: {"dilation": 1}), "You ignore the dilation and read neighbouring cells.", "Dilation D leaves D − 1 cells between those that a window reads.", "Read `input[i + u * D]` for cell u of the kernel.", "dilation"),
    _misconception("first-channel-only", first_channel,
         "You read only the first channel.", "A filter has weights for every channel, and sums over all of them.", "Sum over the channel axis too.", "channels"),
)  # fmt: skip

_GRIDS = (
    _misconception("kernel-transposed", with_kernel(lambda k: np.swapaxes(k, -1, -2)),
         "You exchange the kernel's rows and columns.", "kernel[u, v] belongs to row u and column v of the window.", "Use the indices in the same order for window and kernel.", "kernel"),
    _misconception("kernel-flipped-rows", with_kernel(lambda k: np.flip(k, -2)), "You turn the kernel upside down.", _UNFLIPPED, "Use `kernel[u, v]`, not `kernel[::-1]`.", "kernel"),
    _misconception("kernel-flipped-columns", with_kernel(lambda k: np.flip(k, -1)), "You mirror the kernel left to right.", _UNFLIPPED, "Use `kernel[u, v]`, not `kernel[:, ::-1]`.", "kernel"),
    _misconception("kernel-rows-for-both", square_window(0), "You use the kernel's number of rows as its number of columns, too.", _EACH_AXIS, "Read both: `rows, columns = kernel.shape`.", "kernel"),
    _misconception("kernel-columns-for-both", square_window(1), "You use the kernel's number of columns as its number of rows, too.", _EACH_AXIS, "Read both: `rows, columns = kernel.shape`.", "kernel"),
    _misconception("matrix-product", lambda op, x, k, b: run(op, x, k, b, combine=np.matmul),
         "You multiply window and kernel as matrices (`@`, `np.dot`, or `*` of `np.matrix`).", "A convolution multiplies cell by cell, then adds the products.", "Multiply with `*`, then use `sum`.", "kernel"),
    _misconception("padding-swapped", changed(lambda op, k: {"padding": op.pads(k)[::-1]}), "You exchange the padding of rows and columns.", _EACH_AXIS, "Use padding[0] for the rows (above and below) and padding[1] for the columns.", "padding"),
    _misconception("padding-rows-for-both", changed(lambda op, k: {"padding": op.pads(k)[:1] * 2}), "You use the rows' padding for the columns, too.", _EACH_AXIS, "Use padding[1] for the columns.", "padding"),
    _misconception("padding-columns-for-both", changed(lambda op, k: {"padding": op.pads(k)[1:] * 2}), "You use the columns' padding for the rows, too.", _EACH_AXIS, "Use padding[0] for the rows.", "padding"),
    _misconception("padding-rows-only", changed(lambda op, k: {"padding": (op.pads(k)[0], 0)}), "You pad above and below, but not left and right.", _EACH_AXIS, "Pad the columns by padding[1].", "padding"),
    _misconception("padding-columns-only", changed(lambda op, k: {"padding": (0, op.pads(k)[1])}), "You pad left and right, but not above and below.", _EACH_AXIS, "Pad the rows by padding[0].", "padding"),
    _misconception("stride-swapped", changed(lambda op, k: {"stride": op.each("stride")[::-1]}), "You exchange the stride of rows and columns.", _EACH_AXIS, "Move down by stride[0] and to the right by stride[1].", "stride"),
    _misconception("stride-rows-for-both", changed(lambda op, k: {"stride": op.each("stride")[0]}), "You use the rows' stride for the columns, too.", _EACH_AXIS, "Use stride[1] for the columns.", "stride"),
    _misconception("stride-columns-for-both", changed(lambda op, k: {"stride": op.each("stride")[1]}), "You use the columns' stride for the rows, too.", _EACH_AXIS, "Use stride[0] for the rows.", "stride"),
    _misconception("stride-rows-only", changed(lambda op, k: {"stride": (op.each("stride")[0], 1)}), "You move down by the stride, but to the right by 1.", _EACH_AXIS, "Move to the right by stride[1].", "stride"),
    _misconception("stride-columns-only", changed(lambda op, k: {"stride": (1, op.each("stride")[1])}), "You move to the right by the stride, but down by 1.", _EACH_AXIS, "Move down by stride[0].", "stride"),
    _misconception("size-rows-for-both", sized(lambda op, m, k, n: (n[0], n[0])), "You make the output square, with as many columns as rows.", _EACH_AXIS, "Compute each axis from its own sizes.", "kernel"),
    _misconception("size-columns-for-both", sized(lambda op, m, k, n: (n[1], n[1])), "You make the output square, with as many rows as columns.", _EACH_AXIS, "Compute each axis from its own sizes.", "kernel"),
    _misconception("last-row-missing", sized(lambda op, m, k, n: (n[0] - 1, n[1])), "Your output lacks the last row of windows.", _FORMULA, "Add 1 to the number of rows.", "kernel"),
    _misconception("last-column-missing", sized(lambda op, m, k, n: (n[0], n[1] - 1)), "Your output lacks the last column of windows.", _FORMULA, "Add 1 to the number of columns.", "kernel"),
    _misconception("output-transposed", after(lambda y: np.swapaxes(y, -1, -2)), "You exchange the output's rows and columns.", "output[i, j] belongs to the window in row i and column j.", "Write to `output[i, j]`.", "kernel"),
    _misconception("input-transposed", lambda op, x, k, b: run(op, np.swapaxes(x, -1, -2), k, b), "You exchange the input's rows and columns.", "input[i, j] is the cell in row i and column j.", "Read `input[row, column]`.", "kernel"),
    _misconception("only-first-row", lambda op, x, k, b: keep(run(op, x, k, b), *[slice(0, 1), slice(None)]),
         "You compute only the first output row; the others stay zero.", "A `return` inside the outer loop ends it after one row.", "Return after the loops.", "kernel"),
    _misconception("dilation-swapped", changed(lambda op, k: {"dilation": op.each("dilation")[::-1]}), "You exchange the dilation of rows and columns.", _EACH_AXIS, "Use dilation[0] for the rows and dilation[1] for the columns.", "dilation"),
)  # fmt: skip

_SQUARE = "The output has rows and columns of its own: (rows, columns)."

LOOPS = (  # what goes wrong in loops over a grid
    _misconception("output-sizes-exchanged", exchanged, "You exchange the output's number of rows and its number of columns.", "shape[0] counts the rows (the height), shape[1] the columns (the width).", "Compute the rows from `shape[0]` and the columns from `shape[1]`.", "kernel"),
    _misconception("output-square-by-rows", square_output(0), "You allocate a square output with as many columns as rows.", _SQUARE, "Use `np.zeros((rows, columns))`.", "kernel"),
    _misconception("output-square-by-columns", square_output(1), "You allocate a square output with as many rows as columns.", _SQUARE, "Use `np.zeros((rows, columns))`.", "kernel"),
    _misconception("loops-square-by-rows", square_loops(0), "Both of your loops over the output end at its number of rows.", _SQUARE, "Let the inner loop end at the number of columns.", "kernel"),
    _misconception("loops-square-by-columns", square_loops(1), "Both of your loops over the output end at its number of columns.", _SQUARE, "Let the outer loop end at the number of rows.", "kernel"),
    _misconception("last-window-unwritten", lambda op, x, k, b: keep(run(op, x, k, b), *[slice(-1)] * 2), "Your loops over the output stop before its last row and column, which stay zero.", "`range(n - 1)` ends at n − 2; the last index is n − 1.", "Loop over `range(rows)` and `range(columns)`.", "kernel"),
    _misconception("last-product-only", summed(lambda p, b: p[..., -1] + b), "You overwrite the output cell with each product, so only the last product is left.", _FRESH, "Add the products: use `+=`, or a sum that you assign after the loops.", "kernel"),
    _misconception("kernel-by-output-index", by_output_index, "You index the kernel with the output's row and column.", "kernel[u, v] belongs to cell (u, v) of the window, wherever the window is.", "Use the indices inside the window for the kernel.", "kernel"),
    _misconception("rows-sliced-twice", lambda op, x, k, b: sliced(op, x, k, b, twice=True), "You slice the rows twice, and never the columns.", "`x[a:b][c:d]` takes rows a to b, and of these rows c to d.", "Use one pair of brackets: `x[a:b, c:d]`.", "kernel"),
    _misconception("size-less-one-more", sized(less_one), "You subtract 1 in the output's size instead of adding it.", _FORMULA, "Use `(M + 2P - K) // S + 1`.", "kernel"),
    _misconception("clipped-at-255", after(lambda y: np.minimum(y, 255)), "You reduce every result above 255 to 255.", _FLOATS, "Remove the limit: a feature map is not a picture.", "kernel"),
    _misconception("stride-unused-in-output", stride_unused_in_size, "You allocate the output as if the stride were 1, so zeros are left over.", _MOVE, _FORMULA, "stride"),
    _misconception("stride-ends-loops", stopped_early, "You loop over `range(0, size, stride)` of the output, so the last cells stay zero.", _MOVE, "Loop over every output cell, and multiply its index by the stride where you read the input.", "stride"),
)  # fmt: skip

_MORE = (*CHANNELS, *BATCH, *GROUPS, *DILATION)
CONV_1D = (*_ANY, *_MORE, *PADDING_1D)
CONV_2D = (*_ANY, *_GRIDS, *LOOPS, *_MORE, *DILATED_GRIDS, *PADDING_2D)
