# bug: size-input-over-kernel
import numpy as np


def max_pool1d(input, kernel_size, stride):
    rows, length = input.shape
    columns = length // kernel_size
    output = np.zeros((rows, columns))
    for row in range(rows):
        for i in range(columns):
            start = i * stride
            window = input[row, start : start + kernel_size]
            output[row, i] = np.max(window)
    return output
