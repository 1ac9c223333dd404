# limits: load_limit=0.2
# score: 10
# note: no end after 0.2 s

import numpy as np


def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    return output


weights = np.zeros((2, 2))
for epoch in range(10**9):
    weights -= 0.1 * conv2d(np.ones((3, 3)), weights, 0)
print(weights)
