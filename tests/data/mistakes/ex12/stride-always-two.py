# bug: stride-always-two
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def edge_map(image, kernel, pool_size):
    features = (sliding_window_view(image, kernel.shape) * kernel).sum(axis=(2, 3))
    a, b = pool_size
    return features, sliding_window_view(features, (a, b))[::2, ::2].max(axis=(2, 3))
