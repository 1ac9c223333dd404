# bug: logarithm-missing
import numpy as np


def cross_entropy(y, y_hat):
    return -np.sum(y * y_hat)
