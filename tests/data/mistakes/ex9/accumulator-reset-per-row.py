# bug: accumulator-reset-per-row
import numpy as np


def avg_pool1d(input, kernel_size, stride):
    rows, length = input.shape
    columns = (length - kernel_size) // stride + 1
    output = np.zeros((rows, columns))
    for row in range(rows):
        total = 0
        for i in range(columns):
            for k in range(kernel_size):
                total += input[row, i * stride + k]
            output[row, i] = total / kernel_size
    return output
