import numpy as np


def max_pool1d(input, kernel_size, stride):
    rows, length = input.shape
    pooled = np.empty((rows, (length - kernel_size) // stride + 1))
    largest = float("-inf")
    for (row, column), _ in np.ndenumerate(pooled):
        for number in input[row, column * stride :][:kernel_size]:
            if number > largest:
                largest = number
        pooled[row, column] = largest
    return pooled
