# bug: accumulator-not-reset
import numpy as np


def conv2d(input, kernel, bias):
    M, N = input.shape
    K, O = kernel.shape
    padded = input
    rows = (M - K) + 1
    columns = (N - O) + 1
    output = np.zeros((rows, columns))
    total = 0
    for i in range(rows):
        for j in range(columns):
            for u in range(K):
                for v in range(O):
                    total += padded[i + u, j + v] * kernel[u, v]
            output[i, j] = total + bias
    return output
