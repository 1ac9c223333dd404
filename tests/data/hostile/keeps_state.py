# verdict: wrong_answer
# text: not on a second call
# others: wrong_answer or correct

calls = []

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    calls.append(1)
    return right(input, kernel, bias) + (len(calls) > 66)
