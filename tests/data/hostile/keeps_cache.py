# verdict: wrong_answer
# text: not on a second call
# others: wrong_answer or correct or runtime_error

seen = {}

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    key = input.tobytes() + kernel.tobytes() + bytes([int(bias) % 256])
    if key in seen:
        seen[key] += 1
        return seen[key]
    seen[key] = right(input, kernel, bias)
    return seen[key].copy()
