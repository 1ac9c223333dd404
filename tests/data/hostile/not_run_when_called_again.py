# verdict: runtime_error
# others: runtime_error or correct

calls = []

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    calls.append(1)
    if len(calls) > 66:
        raise type("not run", (Exception,), {})
    return right(input, kernel, bias)
