"""A wrong answer to ex1: the bias is added to every product."""

import numpy as np


def conv2d(input, kernel, bias):
    rows = input.shape[0] - kernel.shape[0] + 1
    columns = input.shape[1] - kernel.shape[1] + 1
    output = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = input[i : i + kernel.shape[0], j : j + kernel.shape[1]]
            output[i, j] = np.sum(window * kernel + bias)
    return output
