# code: 0
# once: printed
# shows: printed (so do 65 other cases):
# shows: … 13 more lines
# lines: 13

import numpy as np
def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    out = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            out[i, j] = np.sum(input[i:i+k, j:j+o] * kernel) + bias
            print(i, j, out[i, j])
    return out
