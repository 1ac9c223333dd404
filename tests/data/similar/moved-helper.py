# expected: form: the helper and the constant stand below the function
import numpy as np


def conv2d(input, kernel, bias, padding, stride):
    height = out_size(input.shape[0], kernel.shape[0], padding[0], stride[0])
    width = out_size(input.shape[1], kernel.shape[1], padding[1], stride[1])
    padded = np.pad(input, ((padding[0], padding[0]), (padding[1], padding[1])))
    result = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            top, left = row * stride[0], column * stride[1]
            patch = padded[top : top + kernel.shape[0], left : left + kernel.shape[1]]
            result[row, column] = np.sum(patch * kernel) + bias
    return result


def out_size(n, k, pad, step):
    return (n + 2 * pad - k) // step + SIZE_OF_STEP


SIZE_OF_STEP = 1
