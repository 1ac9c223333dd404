"""The operators, computed with NumPy only. `OPS` is the table of all of them: a new operator needs a row here."""

from __future__ import annotations

from grader.ops.adaptive import AdaptiveAvgPool2d, AdaptiveMaxPool2d, GlobalAvgPool2d
from grader.ops.base import Cell, Misconception, Op, OpError, Sample
from grader.ops.convolution import Conv1d, Conv2d
from grader.ops.convolution_backward import Conv2dBackward
from grader.ops.elementwise import Mul
from grader.ops.layers import Flatten, Linear, Relu, Softmax, ZeroPad
from grader.ops.layers_backward import LinearBackward, ReluBackward, SoftmaxLoss
from grader.ops.normalisation import BatchNorm2d
from grader.ops.output_shape import OutputShape
from grader.ops.pipeline import ConvMaxPool, EdgeMap
from grader.ops.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d, MinPool1d, MinPool2d
from grader.ops.pooling_backward import AvgPool2dBackward, MaxPool2dBackward
from grader.ops.shapes import ActivationShape, ParameterCount
from grader.ops.training import CrossEntropy, SgdStep
from grader.ops.transposed import ConvTranspose2d

OPS: dict[str, type[Op]] = {
    "mul": Mul,
    "conv1d": Conv1d,
    "conv2d": Conv2d,
    "conv_transpose2d": ConvTranspose2d,
    "max_pool1d": MaxPool1d,
    "max_pool2d": MaxPool2d,
    "min_pool1d": MinPool1d,
    "min_pool2d": MinPool2d,
    "avg_pool1d": AvgPool1d,
    "avg_pool2d": AvgPool2d,
    "adaptive_avg_pool2d": AdaptiveAvgPool2d,
    "adaptive_max_pool2d": AdaptiveMaxPool2d,
    "global_avg_pool2d": GlobalAvgPool2d,
    "flatten": Flatten,
    "zero_pad": ZeroPad,
    "linear": Linear,
    "batch_norm2d": BatchNorm2d,
    "relu": Relu,
    "softmax": Softmax,
    "cross_entropy": CrossEntropy,
    "sgd_step": SgdStep,
    "output_shape": OutputShape,
    "activation_shape": ActivationShape,
    "parameter_count": ParameterCount,
    "conv_max_pool": ConvMaxPool,
    "edge_map": EdgeMap,
    "conv2d_backward": Conv2dBackward,
    "max_pool2d_backward": MaxPool2dBackward,
    "avg_pool2d_backward": AvgPool2dBackward,
    "relu_backward": ReluBackward,
    "linear_backward": LinearBackward,
    "softmax_loss": SoftmaxLoss,
}

__all__ = ["OPS", "Cell", "Misconception", "Op", "OpError", "Sample"]
