# bug: loop-past-last-window
import numpy as np


def avg_pool1d(input, kernel_size, stride):
    rows, length = input.shape
    output = np.zeros((rows, (length - kernel_size) // stride + 1))
    for row in range(rows):
        for i, start in enumerate(range(0, length, stride)):
            output[row, i] = input[row, start : start + kernel_size].mean()
    return output
