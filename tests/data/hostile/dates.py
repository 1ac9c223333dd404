# verdict: wrong_answer
# text: values of dtype

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    return right(input, kernel, bias).astype("datetime64[s]")
