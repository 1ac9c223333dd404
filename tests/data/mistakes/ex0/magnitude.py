# bug: magnitude
import numpy as np


def elementwise_product(a, b):
    return np.sqrt((a * b) ** 2)
