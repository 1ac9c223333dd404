# verdict: runtime_error or time_limit
# limits: time_limit=1.5 memory_limit=600
import os

from numpy.lib.stride_tricks import sliding_window_view as windows


def right(input, kernel, bias):
    return (windows(input, kernel.shape) * kernel).sum((2, 3)) + bias


def conv2d(input, kernel, bias):
    os.dup2(1, 4)  # answers go where prints do
    return right(input, kernel, bias)
