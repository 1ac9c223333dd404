# bug: padding-before-only
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv2d(input, kernel, bias, padding, stride):
    (p, q), (s, t) = padding, stride
    image = np.pad(input, ((p, 0), (q, 0)))
    windows = sliding_window_view(image, kernel.shape)[::s, ::t]
    return np.einsum("ijuv,uv->ij", windows, kernel) + bias
