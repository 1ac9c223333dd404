# bug: stride-for-pooling
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv_max_pool(input, kernel, bias, pool_size):
    features = (sliding_window_view(input, kernel.shape) * kernel).sum(axis=(2, 3)) + bias
    a, b = pool_size
    return features[::a, ::b]
