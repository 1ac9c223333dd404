# verdict: wrong_shape or wrong_answer

import numpy as np


def conv2d(input, kernel, bias):
    return np.zeros((2**40, 0))
