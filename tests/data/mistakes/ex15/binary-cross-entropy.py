# bug: binary-cross-entropy
import numpy as np


def cross_entropy(y, y_hat):
    return -np.sum(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))
