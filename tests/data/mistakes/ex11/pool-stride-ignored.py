# bug: pool-stride-ignored
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv_max_pool(input, kernel, bias, pool_size):
    features = (sliding_window_view(input, kernel.shape) * kernel).sum(axis=(2, 3)) + bias
    a, b = pool_size
    return sliding_window_view(features, (a, b)).max(axis=(2, 3))
