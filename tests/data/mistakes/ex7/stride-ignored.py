# bug: stride-ignored
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def avg_pool2d(input, kernel_size, stride):
    windows = sliding_window_view(input, kernel_size)
    return windows.mean(axis=(2, 3))
