# verdict: wrong_answer or memory_limit

import numpy as np


def conv2d(input, kernel, bias):
    return np.broadcast_to(1.0, (10**5, 10**5))
