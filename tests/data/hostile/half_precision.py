# verdict: correct or wrong_answer
# others: correct or wrong_answer

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    output = right(input, kernel, bias)
    if abs(output).max() < 2048:
        return output.astype(np.float16)
    return output
