# bug: byte-overflow
import numpy as np


def elementwise_product(a, b):
    return (a * b).astype(int).astype(np.uint8)
