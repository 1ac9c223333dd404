# verdict: missing
# text: `corr2d(X, K, b)` is probably meant
# text: return corr2d(input, kernel, bias)

import numpy as np


def load(path):
    return np.load(path)


def zero_pad(X, pad):
    return np.pad(X, pad)


def corr2d(X, K, b):
    return X


def conv_backward(dZ, cache):
    return dZ
