# verdict: not_allowed
# text: did you mean `numpy`?

import nunpy as np


def conv2d(input, kernel, bias):
    return np.zeros(3)
