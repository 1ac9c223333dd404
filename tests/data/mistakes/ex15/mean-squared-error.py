# bug: mean-squared-error
import numpy as np


def cross_entropy(y, y_hat):
    return np.mean(np.square(y_hat - y))
