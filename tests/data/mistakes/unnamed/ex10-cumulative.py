# outside the library
import numpy as np


def flatten(input):
    return np.cumsum(input)
