# bug: pool-stride-one-more
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def edge_map(image, kernel, pool_size):
    features = (sliding_window_view(image, kernel.shape) * kernel).sum(axis=(2, 3))
    a, b = pool_size
    return features, sliding_window_view(features, (a, b))[:: a + 1, :: b + 1].max(axis=(2, 3))
