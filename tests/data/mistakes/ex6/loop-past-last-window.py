# bug: loop-past-last-window
import numpy as np


def min_pool2d(input, kernel_size, stride):
    K, L = kernel_size
    S, T = stride
    M, N = input.shape
    output = np.zeros(((M - K) // S + 1, (N - L) // T + 1))
    for row, i in enumerate(range(0, M, S)):
        for column, j in enumerate(range(0, N, T)):
            output[row, column] = input[i : i + K, j : j + L].min()
    return output
