# verdict: wrong_answer or wrong_shape
from numpy.lib.stride_tricks import sliding_window_view as windows


def right(input, kernel, bias):
    return (windows(input, kernel.shape) * kernel).sum((2, 3)) + bias


def conv2d(input, kernel, bias):
    out = input[: input.shape[0] - kernel.shape[0] + 1, : input.shape[1] - kernel.shape[1] + 1]
    out.flags.writeable = False
    return out
