# verdict: output_limit
# text: it printed more than 1 KiB
# limits: output_limit=1

"""It has answered before the grader could have read the text: how fast both are does not decide."""

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    print("window " * 1000)
    return right(input, kernel, bias)
