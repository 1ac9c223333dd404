# shows: `*` of `np.matrix`
# not: a slice at the edge is shorter

import numpy as np
def conv2d(input, kernel, bias):
    input = np.matrix(input); kernel = np.matrix(kernel)
    m, n = input.shape
    k, o = kernel.shape
    out = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            out[i, j] = np.sum(input[i:i+k, j:j+o] * kernel) + bias
    return out
