# bug: padding-ignored
import numpy as np


def conv2d(input, kernel, bias, padding):
    padded = input
    k_h, k_w = kernel.shape
    out_h = (padded.shape[0] - k_h) + 1
    out_w = (padded.shape[1] - k_w) + 1
    out = np.zeros((out_h, out_w))
    for y in range(out_h):
        for x in range(out_w):
            top, left = y, x
            window = padded[top : top + k_h, left : left + k_w]
            out[y, x] = np.sum(window * kernel) + bias
    return out
