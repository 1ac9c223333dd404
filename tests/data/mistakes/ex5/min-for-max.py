# bug: min-for-max
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def max_pool2d(input, kernel_size, stride):
    s, t = stride
    windows = sliding_window_view(input, kernel_size)[::s, ::t]
    return windows.min(axis=(2, 3))
