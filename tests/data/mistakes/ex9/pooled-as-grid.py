# bug: pooled-as-grid
import numpy as np


def avg_pool1d(input, kernel_size, stride):
    height, width = input.shape
    rows = (height - kernel_size) // stride + 1
    columns = (width - kernel_size) // stride + 1
    output = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            output[i, j] = np.mean(input[top : top + kernel_size, left : left + kernel_size])
    return output
