# shows: One of the values is a tuple, as `x.shape` and pairs are
# once: unsupported operand

import numpy as np
def conv2d(input, kernel, bias):
    return np.zeros((len(input) - kernel.shape, 1))
