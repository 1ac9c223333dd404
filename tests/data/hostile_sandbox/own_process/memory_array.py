# verdict: memory_limit
# limits: time_limit=1.5 memory_limit=600
import numpy as np


def conv2d(input, kernel, bias):
    return np.ones((1 << 18, 1 << 14))
