# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.3

import sys

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias

class Odd:
    def flush(self):
        while True:
            pass


def conv2d(input, kernel, bias):
    sys.stdout = Odd()
    return right(input, kernel, bias)
