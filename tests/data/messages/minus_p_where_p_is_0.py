# shows: `x[p:-p]` is empty if p is 0
# not: rows and columns are swapped

import numpy as np
def conv2d(input, kernel, bias):
    p = 0
    out = np.zeros((len(input) + 2 * p, len(input[0]) + 2 * p))
    out[p:-p, p:-p] = input
    return out
