# bug: last-column-missing
import numpy as np


def avg_pool2d(input, kernel_size, stride):
    K, L = kernel_size
    S, T = stride
    M, N = input.shape
    rows = (M - K) // S + 1
    columns = (N - L) // T
    output = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            total = 0
            for u in range(K):
                for v in range(L):
                    total += input[i * S + u, j * T + v]
            output[i, j] = total / (K * L)
    return output
