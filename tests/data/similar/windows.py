# expected: apart: another program, without loops
import numpy as np


def conv2d(input, kernel, bias, padding, stride):
    p, q = padding
    x = np.pad(input, [(p, p), (q, q)])
    views = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)[:: stride[0], :: stride[1]]
    return np.einsum("ijab,ab->ij", views, kernel) + bias
