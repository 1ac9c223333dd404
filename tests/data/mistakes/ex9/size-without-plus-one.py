# bug: size-without-plus-one
import numpy as np


def avg_pool1d(input, kernel_size, stride):
    rows, length = input.shape
    columns = (length - kernel_size) // stride
    output = np.zeros((rows, columns))
    for row in range(rows):
        for i in range(columns):
            start = i * stride
            output[row, i] = np.mean(input[row, start : start + kernel_size])
    return output
