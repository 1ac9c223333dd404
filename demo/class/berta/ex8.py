import numpy as np


def max_pool1d(input, kernel_size, stride):
    rows, length = input.shape
    columns = (length - kernel_size) // stride + 1
    output = np.zeros((rows, columns))
    best = -np.inf
    for row in range(rows):
        for i in range(columns):
            for k in range(kernel_size):
                best = max(best, input[row, i * stride + k])
            output[row, i] = best
    return output
