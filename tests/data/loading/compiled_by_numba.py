# score: 10

import numpy as np
from numba import njit, prange, float64
import numba as nb


@nb.vectorize([float64(float64)])
def same(x):
    return x


@njit(parallel=True)
def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in prange(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + same(bias)
    return output
