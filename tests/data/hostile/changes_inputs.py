# verdict: correct
# note: changes `input`, `kernel`

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    output = right(input, kernel, bias)
    input += 1
    kernel += 1
    return output
