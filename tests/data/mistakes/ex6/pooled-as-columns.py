# bug: pooled-as-columns
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def min_pool2d(input, kernel_size, stride):
    s, t = stride[0], 1
    windows = sliding_window_view(input, (kernel_size[0], 1))[::s, ::t]
    return windows.min(axis=(2, 3))
