# outside the library
import numpy as np


def flatten(input):
    return np.random.default_rng(3).permutation(input.ravel())
