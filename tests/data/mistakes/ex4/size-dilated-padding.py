# bug: size-dilated-padding
import numpy as np


def output_shape(input_size, kernel_size, padding, stride):
    size, kernel, padding, stride = map(np.array, (input_size, kernel_size, padding, stride))
    return (size + 2 * padding * kernel - kernel) // stride + 1
