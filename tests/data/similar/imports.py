# expected: form: other imports, in another order, of which some are not used
import math
import os.path
from numpy import pad, zeros
import numpy

SIZE_OF_STEP = 1


def out_size(n, k, pad, step):
    return (n + 2 * pad - k) // step + SIZE_OF_STEP


def conv2d(input, kernel, bias, padding, stride):
    height = out_size(input.shape[0], kernel.shape[0], padding[0], stride[0])
    width = out_size(input.shape[1], kernel.shape[1], padding[1], stride[1])
    padded = pad(input, ((padding[0], padding[0]), (padding[1], padding[1])))
    result = zeros((height, width))
    for row in range(height):
        for column in range(width):
            top, left = row * stride[0], column * stride[1]
            patch = padded[top : top + kernel.shape[0], left : left + kernel.shape[1]]
            result[row, column] = numpy.sum(patch * kernel) + bias
    return result
