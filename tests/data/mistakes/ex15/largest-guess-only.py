# bug: largest-guess-only
import numpy as np


def cross_entropy(y, y_hat):
    return -np.log(np.max(y_hat))
