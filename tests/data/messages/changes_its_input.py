# shows: Your function changes `input`: work on a copy (`input = input.copy()`)
# first: Your function changes `input`
# once: work on a copy

import numpy as np
def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    out = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            input[i:i+k, j:j+o] *= kernel
            out[i, j] = np.sum(input[i:i+k, j:j+o]) + bias
    return out
