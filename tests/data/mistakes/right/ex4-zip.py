# right
import math


def output_shape(input_size, kernel_size, padding, stride):
    shape = []
    for n, k, p, s in zip(input_size, kernel_size, padding, stride):
        shape.append(math.floor((n - k + 2 * p) / s) + 1)
    return tuple(shape)
