# shows: time limit: all calls together took more than 1 s
# once: all calls together
# limits: total_limit=1 time_limit=0.5

import time
import numpy as np
def conv2d(input, kernel, bias):
    time.sleep(0.2)
    m, n = input.shape
    k, o = kernel.shape
    out = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            out[i, j] = np.sum(input[i:i+k, j:j+o] * kernel) + bias
    return out
