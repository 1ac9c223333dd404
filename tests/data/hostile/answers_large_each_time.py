# verdict: wrong_shape
# text: 256×256, but it should be

import numpy as np


def conv2d(input, kernel, bias):
    return np.random.default_rng().random((256, 256))
