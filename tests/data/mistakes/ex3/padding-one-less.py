# bug: padding-one-less
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv2d(input, kernel, bias, padding, stride):
    (p, q), (s, t) = padding, stride
    p, q = max(p - 1, 0), max(q - 1, 0)
    image = np.pad(input, ((p, p), (q, q)))
    windows = sliding_window_view(image, kernel.shape)[::s, ::t]
    return np.einsum("ijuv,uv->ij", windows, kernel) + bias
