# bug: stride-always-two
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def min_pool2d(input, kernel_size, stride):
    windows = sliding_window_view(input, kernel_size)[::2, ::2]
    return windows.min(axis=(2, 3))
