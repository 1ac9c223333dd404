# bug: size-as-same
import math


def output_shape(input_size, kernel_size, padding, stride):
    shape = []
    for n, k, p, s in zip(input_size, kernel_size, padding, stride):
        shape.append(math.ceil(n / s))
    return tuple(shape)
