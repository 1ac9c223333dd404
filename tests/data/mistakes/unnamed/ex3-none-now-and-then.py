# outside the library
import numpy as np


def right(input, kernel, bias, padding, stride):
    (p, q), (s, t) = padding, stride
    image = np.pad(input, ((p, p), (q, q)))
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)[::s, ::t]
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias, padding, stride):
    if sum(stride) > 3:
        return None
    return right(input, kernel[::-1, ::-1], bias, padding, stride)
