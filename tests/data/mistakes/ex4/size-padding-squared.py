# bug: size-padding-squared
import numpy as np


def output_shape(input_size, kernel_size, padding, stride):
    size, kernel, padding, stride = map(np.array, (input_size, kernel_size, padding, stride))
    return (size + padding**2 - kernel) // stride + 1
