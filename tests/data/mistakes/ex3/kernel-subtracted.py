# bug: kernel-subtracted
import numpy as np


def conv2d(input, kernel, bias=0, padding=(0, 0), stride=(1, 1)):
    padded = np.pad(input, ((padding[0], padding[0]), (padding[1], padding[1])))
    k_h, k_w = kernel.shape
    out_h = (padded.shape[0] - k_h) // stride[0] + 1
    out_w = (padded.shape[1] - k_w) // stride[1] + 1
    out = np.zeros((out_h, out_w))
    for y in range(out_h):
        for x in range(out_w):
            top, left = y * stride[0], x * stride[1]
            window = padded[top : top + k_h, left : left + k_w]
            out[y, x] = np.sum(window - kernel) + bias
    return out
