# verdict: memory_limit
# text: MemoryError

import numpy as np


def conv2d(input, kernel, bias):
    return np.zeros((10**6, 10**6))
