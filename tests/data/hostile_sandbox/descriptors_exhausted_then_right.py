# verdict: correct or runtime_error
# limits: time_limit=1.5 memory_limit=600
import os

from numpy.lib.stride_tricks import sliding_window_view as windows


def right(input, kernel, bias):
    return (windows(input, kernel.shape) * kernel).sum((2, 3)) + bias


def conv2d(input, kernel, bias):
    while True:
        try:
            os.dup(1)
        except OSError:
            return right(input, kernel, bias)
