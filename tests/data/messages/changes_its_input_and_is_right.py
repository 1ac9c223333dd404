# code: 0
# shows: Your function changes `input`: work on a copy
# once: work on a copy

import numpy as np
def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    out = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            out[i, j] = np.sum(input[i:i+k, j:j+o] * kernel) + bias
    input[:] = 0
    return out
