# bug: pool-by-kernel
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def edge_map(image, kernel, pool_size):
    features = (sliding_window_view(image, kernel.shape) * kernel).sum(axis=(2, 3))
    a, b = kernel.shape
    return features, sliding_window_view(features, (a, b))[::a, ::b].max(axis=(2, 3))
