# bug: logarithm-base-ten
import numpy as np


def cross_entropy(y, y_hat):
    return -np.dot(y, np.log10(y_hat))
