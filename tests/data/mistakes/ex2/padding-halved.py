# bug: padding-halved
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv2d(input, kernel, bias, padding):
    p, q = padding
    image = np.pad(input, ((p // 2, p - p // 2), (q // 2, q - q // 2)))
    windows = sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel) + bias
