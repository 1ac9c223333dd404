# verdict: missing
# text: rename `X` to `input`, `W` to `kernel` and `b` to `bias`

import numpy as np


def conv2d(X, W, b):
    return X
