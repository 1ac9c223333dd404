# bug: only-divisible-sizes
import numpy as np


def avg_pool2d(input, kernel_size, stride):
    k, o = kernel_size
    blocks = np.reshape(input, (input.shape[0] // k, k, input.shape[1] // o, o))
    return blocks.mean(axis=(1, 3))
