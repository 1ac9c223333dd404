# bug: only-divisible-sizes
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def edge_map(image, kernel, pool_size):
    features = (sliding_window_view(image, kernel.shape) * kernel).sum(axis=(2, 3))
    a, b = pool_size
    return features, features.reshape(features.shape[0] // a, a, features.shape[1] // b, b).max(axis=(1, 3))
