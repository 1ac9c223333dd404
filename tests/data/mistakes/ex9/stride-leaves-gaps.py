# bug: stride-leaves-gaps
import numpy as np


def avg_pool1d(input, kernel_size, stride):
    rows, length = input.shape
    columns = (length - kernel_size) // stride + 1
    output = np.zeros((rows, columns))
    for row in range(rows):
        for i in range(0, columns, stride):
            window = input[row, i : i + kernel_size]
            output[row, i] = np.mean(window)
    return output
