# shows: The shape is one argument, a tuple: `np.zeros((rows, columns))`
# shows: out = np.zeros(len(input), len(input[0]))

import numpy as np
def conv2d(input, kernel, bias):
    out = np.zeros(len(input), len(input[0]))
    return out
