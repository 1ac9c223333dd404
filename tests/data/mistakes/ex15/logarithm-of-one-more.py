# bug: logarithm-of-one-more
import numpy as np


def cross_entropy(y, y_hat):
    return -np.sum(y * np.log(1 + y_hat))
