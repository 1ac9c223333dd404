# bug: repeats-dropped
import numpy as np


def flatten(input):
    return np.unique(input)
