# verdict: wrong_answer or memory_limit
# limits: time_limit=1.5 memory_limit=600
import numpy as np


def conv2d(input, kernel, bias):
    return np.broadcast_to(np.zeros(()), (1 << 20, 1 << 10))
