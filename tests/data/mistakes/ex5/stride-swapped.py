# bug: stride-swapped
import numpy as np


def max_pool2d(input, kernel_size, stride):
    K, L = kernel_size
    T, S = stride
    M, N = input.shape
    rows = (M - K) // S + 1
    columns = (N - L) // T + 1
    output = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            best = input[i * S, j * T]
            for u in range(K):
                for v in range(L):
                    best = max(best, input[i * S + u, j * T + v])
            output[i, j] = best
    return output
