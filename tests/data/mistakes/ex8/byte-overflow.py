# bug: byte-overflow
import numpy as np


def max_pool1d(input, kernel_size, stride):
    rows, length = input.shape
    columns = (length - kernel_size) // stride + 1
    output = np.zeros((rows, columns), dtype=np.uint8)
    for row in range(rows):
        for i in range(columns):
            start = i * stride
            window = input[row, start : start + kernel_size]
            output[row, i] = int(np.max(window)) % 256
    return output
