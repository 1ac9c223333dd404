# bug: sum-for-extreme
import numpy as np


def min_pool2d(input, kernel_size, stride):
    (k, o), (s, t) = kernel_size, stride
    out_h = (input.shape[0] - k) // s + 1
    out_w = (input.shape[1] - o) // t + 1
    out = np.zeros((out_h, out_w))
    for y in range(out_h):
        for x in range(out_w):
            window = input[y * s : y * s + k, x * t : x * t + o]
            out[y, x] = np.sum(window)
    return out
