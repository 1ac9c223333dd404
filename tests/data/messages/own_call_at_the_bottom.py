# code: 0
# shows: line 14 stopped: TypeError: conv2d() missing 1 required positional argument: 'bias'
# shows: the function was graded all the same

import numpy as np
def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    out = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            out[i, j] = np.sum(input[i:i+k, j:j+o] * kernel) + bias
    return out
print(conv2d(np.ones((3, 3)), np.ones((2, 2))))
