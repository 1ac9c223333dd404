import numpy as np


def max_pool1d(input, kernel_size, stride):
    rows, length = input.shape
    columns = (length - kernel_size) // stride + 1
    output = np.zeros((rows, columns))
    for row in range(rows):
        for i in range(columns):
            output[row, i] = max(input[row, i * stride : i * stride + kernel_size])
    return output
