# bug: corner-as-first-max
import numpy as np


def max_pool1d(input, kernel_size, stride):
    rows, length = input.shape
    columns = (length - kernel_size) // stride + 1
    output = np.zeros((rows, columns))
    for row in range(rows):
        for i in range(columns):
            best = input[0, 0]
            for k in range(kernel_size):
                best = max(best, input[row, i * stride + k])
            output[row, i] = best
    return output
