# bug: padding-in-size-only
import numpy as np


def conv2d(input, kernel, bias, padding, stride):
    P, Q = padding
    S, T = stride
    M, N = input.shape
    K, O = kernel.shape
    rows = (M + 2 * P - K) // S + 1
    columns = (N + 2 * Q - O) // T + 1
    output = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            total = 0
            for u in range(K):
                for v in range(O):
                    total += input[i * S + u, j * T + v] * kernel[u, v]
            output[i, j] = total + bias
    return output
