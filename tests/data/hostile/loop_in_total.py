# verdict: correct
# others: correct or time_limit
# limits: total_limit=1.0

import time

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    time.sleep(0.1)
    return right(input, kernel, bias)
