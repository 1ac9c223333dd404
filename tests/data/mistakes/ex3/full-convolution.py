# bug: full-convolution
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv2d(input, kernel, bias, padding, stride):
    (p, q), (s, t) = padding, stride
    p, q = kernel.shape[0] - 1, kernel.shape[1] - 1
    image = np.pad(input, ((p, p), (q, q)))
    windows = sliding_window_view(image, kernel.shape)[::s, ::t]
    return np.einsum("ijuv,uv->ij", windows, kernel) + bias
