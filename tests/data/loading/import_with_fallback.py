# score: 10
# no_note: stopped

try:
    from scipy.signal import correlate2d
except ImportError:
    correlate2d = None
import numpy as np


def conv2d(input, kernel, bias):
    if correlate2d is not None:
        return correlate2d(input, kernel, mode='valid') + bias
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    return output
