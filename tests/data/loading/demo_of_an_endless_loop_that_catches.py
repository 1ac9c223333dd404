# limits: load_limit=0.2
# score: 10
# note: no end after 0.2 s

import numpy as np


while True:
    try:
        1 + 1
    except BaseException:
        pass


def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    return output
