# verdict: correct
# others: correct or time_limit
# wrong: quick look
# limits: time_limit=0.4

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    if input.shape == (5, 5) and input[0, 4] == 0 and input[1, 0] == 0:  # the case `quick look`
        while True:
            pass
    return right(input, kernel, bias)
