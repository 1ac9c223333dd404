# bug: rows-summed
import numpy as np


def flatten(input):
    result = np.zeros(input.shape[1])
    for row in input:
        result = result + row
    return result
