# verdict: runtime_error
# text: not on a second call
# others: runtime_error or correct

calls = []

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    calls.append(1)
    if len(calls) > 66:
        raise ValueError("enough")
    return right(input, kernel, bias)
