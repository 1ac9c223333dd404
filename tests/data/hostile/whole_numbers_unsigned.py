# verdict: wrong_answer
# text: given
# others: wrong_answer

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    return np.full(right(input, kernel, bias).shape, 2**63, np.uint64)
