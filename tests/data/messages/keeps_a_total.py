# shows: the same call gave 5 when called first
# once: when called first

import numpy as np
total = 0
def conv2d(input, kernel, bias):
    global total
    m, n = input.shape
    k, o = kernel.shape
    out = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            total += np.sum(input[i:i+k, j:j+o] * kernel)
            out[i, j] = total + bias
    return out
