"""The misconceptions of pooling: parameters ignored, swapped, doubled, off by one or used on one axis; other summaries.

A misconception that convolution shares has the same id. In real student code, the most frequent are windows with wrong
bounds, sizes that fit only if the stride divides them, and a maximum that starts at zero.
"""

from __future__ import annotations

from math import ceil, prod

import msgspec
import numpy as np

from grader.ops.base import Misconception
from grader.ops.pooling_channels_misconceptions import BATCH, CHANNELS, DILATED_GRIDS, DILATION, OVERRIDE
from grader.ops.pooling_variants import (
    Run,
    after,
    before,
    carried,
    chosen,
    divisor,
    exchanged,
    fill,
    fixed_end,
    gaps,
    largest,
    looped_past,
    mixed,
    pads,
    painted,
    pooled,
    reduce,
    reshaped,
    rows,
    short,
    sizes,
    sliced_twice,
    smallest,
    square_loops,
    square_output,
    stepped,
    steps,
    stopped_early,
    stride_unused_in_size,
    window,
)
from grader.ops.square import keep


def _misconception(id: str, run: Run, says: str, why: str, instead: str, *about: str) -> Misconception:
    return Misconception(id=id, says=says, why=why, instead=instead, run=run, about=about)


_ROUNDED_UP = sizes(lambda n, k, s, p, out: ceil((n + 2 * p - k) / s) + 1)

_EACH_AXIS = "Rows and columns have their own kernel sizes, paddings and strides."
_FORMULA = "An axis of size M gives ⌊(M + 2P − K) / S⌋ + 1 windows."
_BORDER = "Padding P puts P rows (or columns) on both sides of the input, before the window moves over it."
_NEVER = (
    "Padding only makes room for windows: torch pads with minus infinity for a maximum and with infinity for a minimum."
)
_MOVE = "Stride S means that window i begins at i × S. The default stride is the kernel size."
_WINDOW = "Window i holds K cells: i × S … i × S + K − 1."
_FRESH = "Each output cell comes from its own window alone."
_FLOATS = "An answer can be any real number, and the output array must be able to hold it."
_FULL = "Every cell of the window counts, wherever it is."
_MAX = "Max pooling keeps the largest cell of each window."
_MIN = "Min pooling keeps the smallest cell of each window."
_AVG = "The average is the sum of the window's cells divided by their number, K × L for a kernel of K×L."
_CEIL = "`ceil_mode` rounds the number of windows up, as long as the last one begins in the input or in the padding before it."
_ROWS = "In one dimension the window moves along each row, and the rows are independent of each other."
_PAD_MEAN = "torch counts the padding's zeros as cells, except if `count_include_pad` is false."

_ANY = (
    _misconception("kernel-fixed-size", window(lambda k: (2,) * len(k), follow=True), "You treat every window as if its size were 2.", "`x[i:i+2]` is right for windows of size 2 only.", "Use the kernel size that the function receives."),
    _misconception("window-one-short", short, "Your windows end one cell too early.", _WINDOW, "End the slice at `start + K`; a loop over `range(K)` reaches K − 1."),
    _misconception("window-one-more", window(lambda k: tuple(a + 1 for a in k), follow=False), "Your windows are one cell too long.", _WINDOW, "End the slice at `start + K`; Python leaves the end itself out."),
    _misconception("first-cell-taken", reduce(lambda seen, counted: seen[..., 0]), "You take the first cell of each window.", _FULL, "Use the whole window; `x[::S]` picks single cells."),
    _misconception("last-cell-taken", reduce(lambda seen, counted: seen[..., -1]), "You take the last cell of each window.", _FULL, "Combine the cells instead of overwriting the result with each one."),
    _misconception("whole-input", lambda op, x: np.full(op.shape(x.shape), op.reduce(x.ravel(), np.ones(x.size, dtype=bool))), "You pool the whole input in each step instead of the window.", _FRESH, "Pass the slice, not the input: `x[i:i+K]`."),
    _misconception("stride-ignored", steps(lambda k, s: (1,) * len(s)), "You move the window by 1, not by the stride.", _MOVE, "Begin window i at i × S."),
    _misconception("stride-always-two", steps(lambda k, s: (2,) * len(s)), "You always move the window by 2.", _MOVE, "Begin window i at i × S."),
    _misconception("stride-is-kernel-size", steps(lambda k, s: k), "You move the window by the kernel's size, whatever the stride is.", _MOVE, "Move by the stride.", "stride"),
    _misconception("stride-doubled", steps(lambda k, s: tuple(2 * a for a in s)), "You move the window by twice the stride.", _MOVE, "Multiply by the stride once."),
    _misconception("stride-one-more", steps(lambda k, s: tuple(a + 1 for a in s)), "You move the window by one more than the stride.", _MOVE, "Begin window i at i × S."),
    _misconception("stride-after-window", steps(lambda k, s: tuple(map(sum, zip(s, k, strict=True)))), "You move the window by the stride from the end of the previous window, not from its beginning.", _MOVE, "Begin window i at i × S.", "stride"),
    _misconception("window-not-moved", stepped(lambda op, n, k, s, p: {"steps": (1,) * op.axes, "sizes": op.sizes(n)}), "You size the output by the stride, but you do not move the window by it.", _MOVE, "Read the window from `i * S`, not from `i`."),
    _misconception("stride-not-in-size", stepped(lambda op, n, k, s, p: {"sizes": op.sizes(n, steps=(1,) * op.axes)}), "You move the window by the stride, but you size the output as if the stride were 1.", _MOVE, _FORMULA),
    _misconception("stride-leaves-gaps", gaps, "Your loop over the output steps by the stride and leaves zeros between the results.", _MOVE, "Step through the output cells by 1, and multiply the index by the stride where you read the input."),
    _misconception("only-divisible-sizes", reshaped, "You cut the input into blocks of the kernel's size, which works only if they fill the input.", _MOVE, "Slice each window: a `reshape` can neither overlap windows nor leave cells over."),
    _misconception("loop-past-last-window", looped_past, "Your loop over the input continues after the last window that fits.", _FORMULA, "Loop over the output cells and compute where each window begins."),
    _misconception("size-ceil", _ROUNDED_UP, "You keep windows that extend beyond the edge, because you round the output's size up.", _FORMULA, "Round down: use `//`."),
    _misconception("size-round", sizes(lambda n, k, s, p, out: round((n + 2 * p - k) / s) + 1), "You round the output's size to the nearest whole number.", _FORMULA, "Round down: use `//`."),
    _misconception("size-input-over-stride", sizes(lambda n, k, s, p, out: n // s), "You use the input's size divided by the stride as the output's size.", _FORMULA, "Subtract the kernel's size first, and add 1 at the end.", "stride"),
    _misconception("size-input-over-stride-up", sizes(lambda n, k, s, p, out: ceil(n / s)), "You divide the input's size by the stride and round up.", _FORMULA, "Subtract the kernel's size first, round down, and add 1 at the end."),
    _misconception("size-input-over-kernel", sizes(lambda n, k, s, p, out: n // k), "You use the input's size divided by the kernel's size as the output's size.", _FORMULA, "Subtract the kernel's size, then divide by the stride.", "stride"),
    _misconception("size-padding-once", sizes(lambda n, k, s, p, out: (n + p - k) // s + 1), "You count the padding only once in the output's size, but it is on both sides.", _FORMULA, "Add 2P, the padding of both sides.", "padding"),
    _misconception("size-without-plus-one", sizes(lambda n, k, s, p, out: out - 1), "You forget the + 1 in the output's size, so the last window of each axis is missing.", _FORMULA, "Add 1 after the division."),
    _misconception("size-one-more", sizes(lambda n, k, s, p, out: out + 1), "Your output has one cell more on each axis than there are windows.", _FORMULA, "Stop at the last window that fits."),
    _misconception("padding-ignored", pads(lambda p: [(0, 0) for _ in p]), "You do not pad the input.", _BORDER, "Pad the input first.", "padding"),
    _misconception("padding-doubled", pads(lambda p: [(2 * a, 2 * a) for a in p]), "You pad every side by twice the padding.", _BORDER, "Pad by P on each side; 2P is the total.", "padding"),
    _misconception("padding-halved", pads(lambda p: [(a // 2, a - a // 2) for a in p]), "You treat the padding as the total of both sides.", _BORDER, "Pad by P before and by P after.", "padding"),
    _misconception("padding-before-only", pads(lambda p: [(a, 0) for a in p]), "You pad at the beginning only (above, left).", _BORDER, "Pad by P before and by P after.", "padding"),
    _misconception("padding-after-only", pads(lambda p: [(0, a) for a in p]), "You pad at the end only (below, right).", _BORDER, "Pad by P before and by P after.", "padding"),
    _misconception("padding-all-before", pads(lambda p: [(2 * a, 0) for a in p]), "You put all the padding at the beginning.", _BORDER, "Put the input in the middle of the padded array.", "padding"),
    _misconception("padding-all-after", pads(lambda p: [(0, 2 * a) for a in p]), "You put all the padding at the end.", _BORDER, "Put the input in the middle of the padded array.", "padding"),
    _misconception("padding-one-more", pads(lambda p: [(a + 1, a + 1) for a in p]), "You pad every side by one more than the padding.", _BORDER, "Pad by P on each side.", "padding"),
    _misconception("padding-one-less", pads(lambda p: [(max(a - 1, 0),) * 2 for a in p]), "You pad every side by one less than the padding.", _BORDER, "Pad by P on each side.", "padding"),
    _misconception("padding-wraps", fill(mode="wrap"), "Your windows read the opposite side of the input where they cross its border.", "A negative index counts from the end in Python: `input[-1]` is the last row.", "Pad first; then the indices are never negative.", "padding"),
    _misconception("padding-in-size-only", stepped(lambda op, n, k, s, p: {"pads": ((0, 0),) * op.axes, "sizes": op.sizes(n)}), "You count the padding in the output's size but never pad the input.", _BORDER, "Pad the input too, and read the windows from the padded array.", "padding"),
    _misconception("ceil-mode-ignored", lambda op, x: pooled(msgspec.structs.replace(op, ceil_mode=False), x), "You ignore `ceil_mode`, so the windows that extend beyond the edge are missing.", _CEIL, "Round the size up if `ceil_mode` is true.", "ceil_mode"),
    _misconception("ceil-mode-keeps-empty", lambda op, x: (_ROUNDED_UP if op.ceil_mode else pooled)(op, x), "You round the size up even if the last window would begin behind the input.", _CEIL, "Omit the last window if (windows − 1) × S ≥ M + P.", "ceil_mode"),
    _misconception("only-first-window", lambda op, x: keep(pooled(op, x), *[slice(0, 1)] * op.axes), "You pool only the first window; the other cells stay zero.", "A `return` (or `break`) inside the loops ends them at once.", "Return after the loops."),
    _misconception("only-last-window", lambda op, x: keep(pooled(op, x), *[slice(-1, None)] * op.axes), "You pool only the last window; the other cells stay zero.", "A line with too little indentation runs once, after the loop.", "Indent the line so that it belongs to the inner loop."),
    _misconception("all-zero", after(np.zeros_like), "Your output has the right size, but you write nothing into it.", _FRESH, "Assign each result to its output cell."),
    _misconception("magnitude", after(np.abs), "You lose the sign: negative results come out positive.", _FLOATS, "Remove `abs`."),
    _misconception("input-magnitude", before(np.abs), "You ignore the signs of the cells.", _FULL, "Remove `abs`: −5 is less than 3."),
    _misconception("clipped-to-byte", after(lambda y: np.clip(y, 0, 255)), "You clip the results to 0 … 255, as in a picture.", _FLOATS, "Remove `clip`: a feature map is not a picture."),
    _misconception("byte-overflow", after(lambda y: np.trunc(y) % 256), "You store the results as bytes (`uint8`), so values below 0 or above 255 wrap around.", _FLOATS, "Create the output with floats: `np.zeros(shape)`."),
    _misconception("fraction-cut", after(np.trunc), "You store the results as whole numbers, so the fractions are cut off.", _FLOATS, "Create the output with floats: use `np.zeros(shape)` without `dtype=int`."),
    _misconception("rounded", after(np.rint), "You round the results to whole numbers.", _FLOATS, "Return the results as they are."),
)  # fmt: skip

_EXTREME = (
    _misconception("window-end-fixed", fixed_end, "Your windows begin at the right cell, but all of them end at K.", _WINDOW, "Slice `x[start:start + K]`, not `x[start:K]`."),
    _misconception("mean-for-extreme", reduce(lambda seen, counted: seen.sum(-1) / counted.sum(-1)), "You take the mean of each window.", "Averages belong to average pooling.", "Use `max` for max pooling and `min` for min pooling."),
    _misconception("sum-for-extreme", reduce(lambda seen, counted: seen.sum(-1)), "You add up each window.", "Summing belongs to convolution and average pooling.", "Use `max` for max pooling and `min` for min pooling."),
    _misconception("padding-with-zeros", stepped(lambda op, n, k, s, p: {"counts_padding": True}), "You include the padding's zeros in the maximum or minimum.", _NEVER, "Pad with `-np.inf` for a maximum and with `np.inf` for a minimum.", "padding"),
)  # fmt: skip

_LARGEST = (
    *_EXTREME,
    _misconception("zero-as-first-max", reduce(lambda seen, counted: largest(seen, counted, 0)), "You start the maximum at 0, so a window of negative numbers gives 0.", _MAX, "Start at the window's first cell or at `-np.inf`."),
    _misconception("minus-one-as-first-max", reduce(lambda seen, counted: largest(seen, counted, -1)), "You start the maximum at −1, so a window of smaller numbers gives −1.", _MAX, "Start at the window's first cell or at `-np.inf`."),
    _misconception("corner-as-first-max", lambda op, x: np.maximum(pooled(op, x), x.flat[0]), "You start each maximum at the input's first cell.", _FRESH, "Start at the window's own first cell."),
    _misconception("min-for-max", reduce(smallest), "You take the smallest cell of each window.", _MAX, "Use `max`."),
    _misconception("largest-magnitude", chosen(np.argmax, np.abs, -np.inf), "You take the cell that is farthest from 0.", _MAX, "Compare with the signs: 3 is more than −5."),
    _misconception("position-for-max", reduce(lambda seen, counted: np.argmax(np.where(counted, seen, -np.inf), axis=-1)), "You return the position of the largest cell instead of its value.", _MAX, "Use `max`, not `argmax`."),
    _misconception("accumulator-not-reset", carried(np.maximum.accumulate), "You never reset the maximum, so each cell includes all windows before it.", _FRESH, "Initialise the maximum inside the loops over the output."),
    _misconception("accumulator-reset-per-row", carried(np.maximum.accumulate, rows=True), "You reset the maximum only once per row, so each cell includes those on its left.", _FRESH, "Initialise the maximum inside the inner loop over the output."),
    *_ANY,
)  # fmt: skip

_SMALLEST = (
    *_EXTREME,
    _misconception("zero-as-first-min", reduce(lambda seen, counted: smallest(seen, counted, 0)), "You start the minimum at 0, so a window of positive numbers gives 0.", _MIN, "Start at the window's first cell or at `np.inf`."),
    _misconception("byte-as-first-min", reduce(lambda seen, counted: smallest(seen, counted, 255)), "You start the minimum at 255, so a window of larger numbers gives 255.", _MIN, "Start at the window's first cell or at `np.inf`."),
    _misconception("corner-as-first-min", lambda op, x: np.minimum(pooled(op, x), x.flat[0]), "You start each minimum at the input's first cell.", _FRESH, "Start at the window's own first cell."),
    _misconception("max-for-min", reduce(largest), "You take the largest cell of each window.", _MIN, "Use `min`."),
    _misconception("smallest-magnitude", chosen(np.argmin, np.abs, np.inf), "You take the cell that is nearest to 0.", _MIN, "Compare with the signs: −5 is less than 3."),
    _misconception("position-for-min", reduce(lambda seen, counted: np.argmin(np.where(counted, seen, np.inf), axis=-1)), "You return the position of the smallest cell instead of its value.", _MIN, "Use `min`, not `argmin`."),
    _misconception("accumulator-not-reset", carried(np.minimum.accumulate), "You never reset the minimum, so each cell includes all windows before it.", _FRESH, "Initialise the minimum inside the loops over the output."),
    _misconception("accumulator-reset-per-row", carried(np.minimum.accumulate, rows=True), "You reset the minimum only once per row, so each cell includes those on its left.", _FRESH, "Initialise the minimum inside the inner loop over the output."),
    *_ANY,
)  # fmt: skip

_AVERAGE = (
    _misconception("max-for-mean", reduce(largest), "You take the largest cell of each window.", _AVG, "Use `mean`."),
    _misconception("min-for-mean", reduce(smallest), "You take the smallest cell of each window.", _AVG, "Use `mean`."),
    _misconception("median-for-mean", reduce(lambda seen, counted: np.nanmedian(np.where(counted, seen, np.nan), axis=-1)), "You take the median of each window.", _AVG, "Use `mean`."),
    _misconception("sum-for-mean", reduce(lambda seen, counted: seen.sum(-1)), "You add up each window but do not divide by the number of cells.", _AVG, "Divide the sum by K × L."),
    _misconception("extremes-for-mean", reduce(lambda seen, counted: (largest(seen, counted) + smallest(seen, counted)) / 2), "You take the middle of the largest and the smallest cell.", _AVG, "Use `mean`."),
    _misconception("divisor-squared", divisor(lambda op, x: op.each("kernel_size")[0] ** 2), "You divide by the square of the kernel's number of rows.", _AVG, "Divide by the number of cells."),
    _misconception("divisor-one-less", divisor(lambda op, x: max(prod(op.each("kernel_size")) - 1, 1)), "You divide by one less than the number of cells.", _AVG, "Divide by K × L."),
    _misconception("divisor-stride", divisor(lambda op, x: prod(op.each("stride"))), "You divide by the stride instead of the number of cells.", _AVG, "Divide by K × L.", "stride"),
    _misconception("divisor-always-four", divisor(lambda op, x: 4), "You always divide by 4, the number of cells in a 2×2 window.", _AVG, "Divide by K × L."),
    _misconception("divisor-whole-input", divisor(lambda op, x: x.size), "You divide by the number of cells of the whole input.", _AVG, "Divide by K × L."),
    _misconception("zeros-not-counted", reduce(lambda seen, counted: seen.sum(-1) / np.maximum(np.count_nonzero(seen, axis=-1), 1)), "You do not count the cells that are 0.", _AVG, "Divide by the number of all cells: a zero is a cell like any other."),
    _misconception("overhang-counted", divisor(lambda op, x: prod(op.each("kernel_size"))), "You divide by K × L even if the window extends beyond the edge.", _CEIL + " Cells behind the padding do not count.", "Divide by the number of cells inside the padded input.", "ceil_mode"),
    _misconception("padding-not-counted", stepped(lambda op, n, k, s, p: {"counts_padding": False}), "You divide by the number of input cells in the window and do not count the padding.", _PAD_MEAN, "Divide by K × L.", "padding"),
    _misconception("count-include-pad-ignored", stepped(lambda op, n, k, s, p: {"counts_padding": True}), "You count the padding's zeros even if `count_include_pad` is false.", _PAD_MEAN, "If it is false, divide by the number of input cells in the window.", "count_include_pad"),
    _misconception("padding-with-ones", fill(constant_values=1), "You pad with ones.", _PAD_MEAN, "Pad with zeros: `np.pad(input, …)` does so by default.", "padding"),
    _misconception("padding-with-edge", fill(mode="edge"), "You repeat the border cells instead of padding with zeros.", _PAD_MEAN, "Pad with zeros: omit `mode=\"edge\"`.", "padding"),
    _misconception("accumulator-not-reset", carried(np.cumsum), "You never reset the sum to zero, so each cell includes all windows before it.", _FRESH, "Set the sum to 0 inside the loops over the output."),
    _misconception("accumulator-reset-per-row", carried(np.cumsum, rows=True), "You reset the sum to zero only once per row, so each cell includes those on its left.", _FRESH, "Set the sum to 0 inside the inner loop over the output."),
    _misconception("floor-division", after(np.floor), "You divide with `//`, which rounds down.", _AVG, "Divide with `/`."),
    _misconception("input-fraction-cut", before(np.trunc), "You convert the input to whole numbers.", _FLOATS, "Remove `int` and `astype(int)`."),
    _misconception("rounded-to-one-decimal", after(lambda y: np.round(y, 1)), "You round to one decimal, as the slides do.", "The slides shorten 1.6667 to 1.7; the answer is the mean itself.", "Remove `round`."),
    _misconception("activation-added", after(lambda y: np.maximum(y, 0)), "You set negative results to zero (ReLU).", "The activation is a separate layer.", "Return the means as they are."),
    *_ANY,
)  # fmt: skip

_LINES = (
    _misconception("wrong-axis", rows(lambda op, x: np.swapaxes(pooled(op, np.swapaxes(x, -1, -2)), -1, -2)), "You pool down the columns, but the window moves along the rows.", _ROWS, "Slice the last axis: `x[row, i:i+K]`."),
    _misconception("flattened-first", rows(lambda op, x: pooled(op, x.ravel())), "You put all rows into one line before you pool.", _ROWS, "Pool row by row."),
    _misconception("pooled-as-grid", rows(lambda op, x: np.swapaxes(pooled(op, np.swapaxes(pooled(op, x), -1, -2)), -1, -2)), "You use windows of K×K cells, but here a window is K cells of one row.", _ROWS, "Keep the number of rows; pooling reduces only the columns."),
    _misconception("whole-row", stepped(lambda op, n, k, s, p: {"window": n, "pads": ((0, 0),), "steps": (1,), "sizes": (1,)}), "You pool each whole row into one number.", _ROWS, "Move a window of K cells along the row."),
    _misconception("only-first-row", rows(lambda op, x: pooled(op, x) * (np.arange(x.shape[-2]) == 0)[:, None]), "You pool only the first row; the others stay zero.", "A `return` inside the outer loop ends it after one row.", "Return after the loops."),
    _misconception("first-row-returned", rows(lambda op, x: pooled(op, x[..., 0, :])), "You return only the first row.", "A `return` inside the outer loop ends it after one row.", "Return after the loops."),
    _misconception("last-row-missing", rows(lambda op, x: pooled(op, x)[..., :-1, :]), "Your output lacks the last row.", _ROWS, "Loop over all rows; `range(n - 1)` ends at n − 2."),
    _misconception("output-transposed", rows(lambda op, x: np.swapaxes(pooled(op, x), -1, -2)), "You exchange the output's rows and columns.", "Row i of the output comes from row i of the input.", "Write to `output[row, i]`."),
    _misconception("input-transposed", rows(lambda op, x: pooled(op, np.swapaxes(x, -1, -2))), "You exchange the input's rows and columns.", "input[i, j] is the cell in row i and column j.", "Read `input[row, column]`."),
)  # fmt: skip

_GRIDS = (
    _misconception("kernel-swapped", window(lambda k: k[::-1], follow=True), "You exchange the window's rows and columns.", _EACH_AXIS, "Use kernel_size[0] for the rows and kernel_size[1] for the columns."),
    _misconception("kernel-rows-for-both", window(lambda k: (k[0],) * 2, follow=True), "You use the window's number of rows as its number of columns, too.", _EACH_AXIS, "Use kernel_size[1] for the columns."),
    _misconception("kernel-columns-for-both", window(lambda k: (k[1],) * 2, follow=True), "You use the window's number of columns as its number of rows, too.", _EACH_AXIS, "Use kernel_size[0] for the rows."),
    _misconception("window-rows-for-both", window(lambda k: (k[0],) * 2, follow=False), "Your slices are as wide as they are high, although your output's size is right.", _EACH_AXIS, "Slice `x[i:i+K, j:j+L]`."),
    _misconception("window-columns-for-both", window(lambda k: (k[1],) * 2, follow=False), "Your slices are as high as they are wide, although your output's size is right.", _EACH_AXIS, "Slice `x[i:i+K, j:j+L]`."),
    _misconception("pooled-as-rows", stepped(lambda op, n, k, s, p: {"window": (1, k[1]), "steps": (1, s[1]), "pads": ((0, 0), (p[1], p[1]))}), "You pool each row separately (1-D pooling).", _EACH_AXIS, "Let the window cover rows and columns."),
    _misconception("pooled-as-columns", stepped(lambda op, n, k, s, p: {"window": (k[0], 1), "steps": (s[0], 1), "pads": ((p[0], p[0]), (0, 0))}), "You pool each column separately.", _EACH_AXIS, "Let the window cover rows and columns."),
    _misconception("stride-swapped", steps(lambda k, s: s[::-1]), "You exchange the stride of rows and columns.", _EACH_AXIS, "Move down by stride[0] and to the right by stride[1].", "stride"),
    _misconception("stride-rows-for-both", steps(lambda k, s: (s[0],) * 2), "You use the rows' stride for the columns, too.", _EACH_AXIS, "Use stride[1] for the columns.", "stride"),
    _misconception("stride-columns-for-both", steps(lambda k, s: (s[1],) * 2), "You use the columns' stride for the rows, too.", _EACH_AXIS, "Use stride[0] for the rows.", "stride"),
    _misconception("stride-rows-only", steps(lambda k, s: (s[0], 1)), "You move down by the stride, but to the right by 1.", _EACH_AXIS, "Move to the right by stride[1]."),
    _misconception("stride-columns-only", steps(lambda k, s: (1, s[1])), "You move to the right by the stride, but down by 1.", _EACH_AXIS, "Move down by stride[0]."),
    _misconception("padding-swapped", pads(lambda p: [(a, a) for a in p[::-1]]), "You exchange the padding of rows and columns.", _EACH_AXIS, "Use padding[0] for the rows (above and below) and padding[1] for the columns.", "padding"),
    _misconception("padding-rows-for-both", pads(lambda p: [(p[0], p[0])] * 2), "You use the rows' padding for the columns, too.", _EACH_AXIS, "Use padding[1] for the columns.", "padding"),
    _misconception("padding-columns-for-both", pads(lambda p: [(p[1], p[1])] * 2), "You use the columns' padding for the rows, too.", _EACH_AXIS, "Use padding[0] for the rows.", "padding"),
    _misconception("padding-rows-only", pads(lambda p: [(p[0], p[0]), (0, 0)]), "You pad above and below, but not left and right.", _EACH_AXIS, "Pad the columns by padding[1].", "padding"),
    _misconception("padding-columns-only", pads(lambda p: [(0, 0), (p[1], p[1])]), "You pad left and right, but not above and below.", _EACH_AXIS, "Pad the rows by padding[0].", "padding"),
    _misconception("size-rows-for-both", stepped(lambda op, n, k, s, p: {"sizes": (op.sizes(n)[0],) * 2}), "You make the output square, with as many columns as rows.", _EACH_AXIS, "Compute each axis from its own sizes."),
    _misconception("size-columns-for-both", stepped(lambda op, n, k, s, p: {"sizes": (op.sizes(n)[1],) * 2}), "You make the output square, with as many rows as columns.", _EACH_AXIS, "Compute each axis from its own sizes."),
    _misconception("last-row-missing", after(lambda y: y[..., :-1, :]), "Your output lacks the last row of windows.", _FORMULA, "Add 1 to the number of rows."),
    _misconception("last-column-missing", after(lambda y: y[..., :-1]), "Your output lacks the last column of windows.", _FORMULA, "Add 1 to the number of columns."),
    _misconception("output-transposed", after(lambda y: np.swapaxes(y, -1, -2)), "You exchange the output's rows and columns.", "output[i, j] belongs to the window in row i and column j.", "Write to `output[i, j]`."),
    _misconception("input-transposed", before(lambda x: np.swapaxes(x, -1, -2)), "You exchange the input's rows and columns.", "input[i, j] is the cell in row i and column j.", "Read `input[row, column]`."),
    _misconception("only-first-row", lambda op, x: keep(pooled(op, x), slice(0, 1), slice(None)), "You pool only the first row of windows; the others stay zero.", "A `return` inside the outer loop ends it after one row.", "Return after the loops."),
    _misconception("channels-mixed", mixed, "You also pool over the channels.", "Pooling treats each channel separately and keeps their number.", "Pool each `x[channel]` alone (`axis=(-2, -1)`).", "channels"),
)  # fmt: skip

_SQUARE = "The output has rows and columns of its own: (rows, columns)."

POOL_LOOPS = (  # what goes wrong in loops over a grid
    _misconception("output-sizes-exchanged", exchanged, "You exchange the output's number of rows and its number of columns.", "shape[0] counts the rows (the height), shape[1] the columns (the width).", "Compute the rows from `shape[0]` and the columns from `shape[1]`."),
    _misconception("output-square-by-rows", square_output(0), "You allocate a square output with as many columns as rows.", _SQUARE, "Use `np.zeros((rows, columns))`."),
    _misconception("output-square-by-columns", square_output(1), "You allocate a square output with as many rows as columns.", _SQUARE, "Use `np.zeros((rows, columns))`."),
    _misconception("loops-square-by-rows", square_loops(0), "Both of your loops over the output end at its number of rows.", _SQUARE, "Let the inner loop end at the number of columns."),
    _misconception("loops-square-by-columns", square_loops(1), "Both of your loops over the output end at its number of columns.", _SQUARE, "Let the outer loop end at the number of rows."),
    _misconception("last-window-unwritten", lambda op, x: keep(pooled(op, x), slice(-1), slice(-1)), "Your loops over the output stop before its last row and column, which stay zero.", "`range(n - 1)` ends at n − 2; the last index is n − 1.", "Loop over `range(rows)` and `range(columns)`."),
    _misconception("rows-sliced-twice", sliced_twice, "You slice the rows twice, and never the columns.", "`x[a:b][c:d]` takes rows a to b, and of these rows c to d.", "Use one pair of brackets: `x[a:b, c:d]`."),
    _misconception("size-less-one-more", sizes(lambda n, k, s, p, out: (n + 2 * p - k - 1) // s), "You subtract 1 in the output's size instead of adding it.", _FORMULA, "Use `(M + 2P - K) // S + 1`."),
    _misconception("clipped-at-255", after(lambda y: np.minimum(y, 255)), "You reduce every result above 255 to 255.", _FLOATS, "Remove the limit: a feature map is not a picture."),
    _misconception("stride-unused-in-output", stride_unused_in_size, "You allocate the output as if the stride were 1, so zeros are left over.", _MOVE, _FORMULA, "stride"),
    _misconception("stride-ends-loops", stopped_early, "You loop over `range(0, size, stride)` of the output, so the last cells stay zero.", _MOVE, "Loop over every output cell, and multiply its index by the stride where you read the input.", "stride"),
    _misconception("first-number-for-all", stepped(lambda op, n, k, s, p: {"window": (k[0],) * 2, "steps": (s[0],) * 2}), "You use only the first number of each pair, for rows and columns alike.", _EACH_AXIS, "Use kernel_size[1] and stride[1] for the columns."),
    _misconception("painted-into-copy", painted, "You write each result into all cells of its window, in a copy of the input.", "Pooling makes one number of each window, so the output is smaller.", "Create `np.zeros((rows, columns))`, and write each result into one cell."),
)  # fmt: skip

_AVERAGE_GRIDS = (
    _misconception("divisor-rows", divisor(lambda op, x: op.each("kernel_size")[0]), "You divide by the kernel's number of rows.", _AVG, "Divide by K × L."),
    _misconception("divisor-columns", divisor(lambda op, x: op.each("kernel_size")[1]), "You divide by the kernel's number of columns.", _AVG, "Divide by K × L."),
    _misconception("divisor-columns-squared", divisor(lambda op, x: op.each("kernel_size")[1] ** 2), "You divide by the square of the kernel's number of columns.", _AVG, "Divide by the number of cells."),
    _misconception("divisor-sides-added", divisor(lambda op, x: sum(op.each("kernel_size"))), "You divide by K + L.", _AVG, "Divide by K × L."),
)  # fmt: skip

_MORE_1D, _MORE_2D = (*BATCH, *DILATION), (*BATCH, *CHANNELS, *DILATION, *DILATED_GRIDS)
MAX_1D, MAX_2D = (*_LARGEST, *_LINES, *_MORE_1D), (*_LARGEST, *_GRIDS, *POOL_LOOPS, *_MORE_2D)
MIN_1D = (*_SMALLEST, *_LINES, *_MORE_1D)
MIN_2D = (
    *_SMALLEST,
    *_GRIDS,
    *_MORE_2D,
    *(it for it in POOL_LOOPS if it.id != "clipped-at-255"),
)  # as byte-as-first-min
AVG_1D = (*_AVERAGE, *_LINES, *BATCH)
AVG_2D = (*_AVERAGE, *_AVERAGE_GRIDS, *_GRIDS, *POOL_LOOPS, *BATCH, *CHANNELS, *OVERRIDE)
