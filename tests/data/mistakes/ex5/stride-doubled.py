# bug: stride-doubled
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def max_pool2d(input, kernel_size, stride):
    s, t = stride
    windows = sliding_window_view(input, kernel_size)[:: 2 * s, :: 2 * t]
    return windows.max(axis=(2, 3))
