"""Model answer of ex12: edges of an image, and the strongest of each window."""

import numpy as np


def edge_map(image, kernel, pool_size):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    convolved = (windows * kernel).sum(axis=(2, 3))
    k, o = pool_size
    rows, columns = convolved.shape[0] // k, convolved.shape[1] // o
    pooled = convolved[: rows * k, : columns * o].reshape(rows, k, columns, o).max(axis=(1, 3))
    return convolved, pooled
