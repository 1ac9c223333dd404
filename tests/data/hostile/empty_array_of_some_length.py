# verdict: wrong_shape or wrong_answer

import numpy as np


def conv2d(input, kernel, bias):
    return np.zeros((100_000, 0))
