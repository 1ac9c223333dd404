# bug: min-for-mean
from numpy.lib.stride_tricks import sliding_window_view


def avg_pool1d(input, kernel_size, stride):
    windows = sliding_window_view(input, kernel_size, axis=1)[:, ::stride]
    return windows.min(axis=-1)
