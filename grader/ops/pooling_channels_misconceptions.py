"""The misconceptions of pooling about what comes with larger inputs: channels, batches, dilation, another divisor."""

from __future__ import annotations

from grader.ops.base import Misconception
from grader.ops.pooling_variants import Run, channels_last, divisor, first_for_all, only_first, pooled, spread


def _misconception(id: str, run: Run, says: str, why: str, instead: str, *about: str) -> Misconception:
    return Misconception(id=id, says=says, why=why, instead=instead, run=run, about=about)


_DILATED = "Dilation D leaves D − 1 cells between those that a window reads."
_CHANNELS = "Pooling treats each channel separately and keeps their number."
_IMAGES = "A batch holds independent images: each has an output of its own."
_DIVISOR = "If `divisor_override` is given, the sum is divided by it instead of the number of cells."

BATCH = (
    _misconception("only-first-image", only_first(0), "You pool only the first image of the batch; the others stay zero.", _IMAGES, "Loop over `range(len(input))`.", "batch"),
    _misconception("first-image-for-all", first_for_all(0), "You use the first image of the batch for all of them.", _IMAGES, "Read `input[n]` for image n.", "batch"),
)  # fmt: skip

CHANNELS = (
    _misconception("only-first-channel", only_first(1), "You pool only the first channel; the others stay zero.", _CHANNELS, "Loop over all channels.", "channels"),
    _misconception("first-channel-for-all", first_for_all(1), "You use the first channel for all of them.", _CHANNELS, "Read `input[c]` for channel c.", "channels"),
    _misconception("channels-last", channels_last, "You read the input as rows × columns × channels.", "torch's inputs have the channels before rows and columns.", "Use the last two axes as rows and columns.", "channels"),
)  # fmt: skip

DILATION = (
    _misconception("dilation-ignored", spread(lambda d: (1,) * len(d)), "You ignore the dilation and read neighbouring cells.", _DILATED, "Read `input[i + u * D]` for cell u of the window.", "dilation"),
    _misconception("dilation-one-more", spread(lambda d: tuple(a + 1 for a in d)), "You leave D cells between those that a window reads, one too many.", _DILATED, "Read every D-th cell.", "dilation"),
)  # fmt: skip

DILATED_GRIDS = (
    _misconception("dilation-swapped", spread(lambda d: d[::-1]), "You exchange the dilation of rows and columns.", _DILATED, "Use dilation[0] for the rows and dilation[1] for the columns.", "dilation"),
    _misconception("dilation-rows-for-both", spread(lambda d: (d[0],) * 2), "You use the rows' dilation for the columns, too.", _DILATED, "Use dilation[1] for the columns.", "dilation"),
    _misconception("dilation-columns-for-both", spread(lambda d: (d[1],) * 2), "You use the columns' dilation for the rows, too.", _DILATED, "Use dilation[0] for the rows.", "dilation"),
)  # fmt: skip

OVERRIDE = (
    _misconception("divisor-override-ignored", lambda op, x: pooled(op.changed(divisor_override=None), x), "You ignore `divisor_override`.", _DIVISOR, "Divide by it if it is not `None`.", "divisor_override"),
    _misconception("divisor-override-after-mean", lambda op, x: pooled(op.changed(divisor_override=None), x) / (op.divisor_override or 1), "You divide the mean by `divisor_override`.", _DIVISOR, "Divide the sum by it.", "divisor_override"),
    _misconception("divisor-override-times-cells", divisor(lambda op, x: (op.divisor_override or 1) ** 2), "You divide by `divisor_override` twice.", _DIVISOR, "Divide the sum by it once.", "divisor_override"),
)  # fmt: skip
