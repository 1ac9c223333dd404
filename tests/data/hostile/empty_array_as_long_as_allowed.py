# verdict: wrong_shape

import numpy as np


def conv2d(input, kernel, bias):
    """No cells, but 65536 rows: what counts cells alone writes them all out."""
    return np.zeros((65536, 0))
