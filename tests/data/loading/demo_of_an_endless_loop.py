# limits: load_limit=0.2
# score: 10
# note: line 18 stopped: no end after 0.2 s; the function was graded all the same

import numpy as np


def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    return output


while True:
    pass
