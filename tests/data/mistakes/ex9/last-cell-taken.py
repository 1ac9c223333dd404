# bug: last-cell-taken
import numpy as np


def avg_pool1d(input, kernel_size, stride):
    rows, length = input.shape
    columns = (length - kernel_size) // stride + 1
    output = np.zeros((rows, columns))
    for row in range(rows):
        for i in range(columns):
            for k in range(kernel_size):
                output[row, i] = input[row, i * stride + k]
    return output
