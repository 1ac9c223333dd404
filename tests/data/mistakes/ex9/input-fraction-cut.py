# bug: input-fraction-cut
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def avg_pool1d(input, kernel_size, stride):
    input = np.array(input, dtype=int)
    windows = sliding_window_view(input, kernel_size, axis=1)[:, ::stride]
    return windows.mean(axis=-1)
