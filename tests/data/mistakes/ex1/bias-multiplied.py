# bug: bias-multiplied
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv2d(input, kernel, bias):
    image = input
    windows = sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel) * bias
