# verdict: wrong_answer

import numpy as np


def conv2d(input, kernel, bias):
    return np.zeros((1,) * 20)
