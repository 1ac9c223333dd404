# bug: products-summed
import numpy as np


def elementwise_product(a, b):
    return np.sum(a * b)
