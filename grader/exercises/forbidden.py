"""What `forbid` can name, and which of torch's operators each name covers.

Layers, functions and methods of torch all call the same few operators, so the names here are matched with those of the
operators that run (`aten::convolution`, `mkldnn::_convolution_pointwise`, …), not with a program's text.
"""

from __future__ import annotations

import re

_CONVOLUTION = "conv(?!ert)"  # forward, backward, transposed and fused: one operator covers all dimensions
_MAXIMA, _MEANS = "max_pool", "avg_pool"
FAMILIES = {  # each a regular expression, searched for in an operator's name
    "conv1d": _CONVOLUTION,
    "conv2d": _CONVOLUTION,
    "conv3d": _CONVOLUTION,
    "conv_transpose2d": _CONVOLUTION,
    "max_pool1d": _MAXIMA,
    "max_pool2d": _MAXIMA,
    "avg_pool1d": _MEANS,
    "avg_pool2d": _MEANS,
    "unfold": "im2col|unfold",
    "fold": "col2im",
    "fft": "fft",
    "matmul": "mm(_|$)|mv(_|$)|dot$|matmul|einsum|^inner$|(^|_)linear$",
    "softmax": "softmax",
    "cross_entropy": "cross_entropy|nll_loss",
    "relu": "relu|threshold",
    "batch_norm": "batch_norm",
}
_LITERAL = re.compile(r"aten\.(\w+)", re.ASCII)
LITERAL = r"^aten\.[A-Za-z0-9_]+$"  # the same, for the schema


def pattern(name: str) -> str:
    """Return the regular expression of the operators that a name forbids, or an empty string for an unknown name."""
    literal = _LITERAL.fullmatch(name)
    return f"^{literal[1]}$" if literal else FAMILIES.get(name, "")
