# verdict: runtime_error
# text: ValueError: odd (ex1.py, line 16)
# others: correct
# wrong: without bias

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    if input.shape == (6, 6) and input[0, 0] == 2 and kernel.shape == (3, 3) and bias == 0:
        raise ValueError("odd")
    return right(input, kernel, bias)
