# verdict: wrong_answer
# text: 1 of 16 cells differs, at [0, 0]: 9 expected, nan given

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    output = right(input, kernel, bias)
    output.flat[0] = np.nan
    return output
