# outside the library
import numpy as np


def max_pool2d(input, kernel_size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel_size)[:: stride[0], :: stride[1]]
    cells = np.sort(windows.reshape(*windows.shape[:2], -1), axis=-1)
    return cells[..., -2 if cells.shape[-1] > 1 else -1]
