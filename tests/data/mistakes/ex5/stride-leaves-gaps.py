# bug: stride-leaves-gaps
import numpy as np


def max_pool2d(input, kernel_size, stride):
    (k, o), (s, t) = kernel_size, stride
    out_h = (input.shape[0] - k) // s + 1
    out_w = (input.shape[1] - o) // t + 1
    out = np.zeros((out_h, out_w))
    for y in range(0, out_h, s):
        for x in range(0, out_w, t):
            window = input[y : y + k, x : x + o]
            out[y, x] = np.max(window)
    return out
