# outside the library
import numpy as np


def cross_entropy(y, y_hat):
    return -np.sum(y_hat * np.log(y_hat))
