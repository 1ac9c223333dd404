# bug: matrix-product
import numpy as np


def elementwise_product(a, b):
    return np.dot(a, b)
