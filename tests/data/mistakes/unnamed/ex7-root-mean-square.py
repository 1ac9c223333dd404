# outside the library
import numpy as np


def avg_pool2d(input, kernel_size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel_size)[:: stride[0], :: stride[1]]
    return np.sqrt((windows**2).mean(axis=(2, 3)))
