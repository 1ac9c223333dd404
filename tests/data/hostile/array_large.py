# verdict: wrong_answer
# text: far larger than any answer

import numpy as np


def conv2d(input, kernel, bias):
    return np.zeros((3000, 3000))
