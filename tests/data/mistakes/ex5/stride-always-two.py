# bug: stride-always-two
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def max_pool2d(input, kernel_size, stride):
    windows = sliding_window_view(input, kernel_size)[::2, ::2]
    return windows.max(axis=(2, 3))
