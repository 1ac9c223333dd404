# outside the library
import numpy as np


def max_pool2d(input, kernel_size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel_size)[:: stride[0], :: stride[1]]
    return np.ptp(windows, axis=(2, 3))
