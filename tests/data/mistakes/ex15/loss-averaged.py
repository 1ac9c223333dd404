# bug: loss-averaged
import numpy as np


def cross_entropy(y, y_hat):
    return -np.mean(y * np.log(y_hat))
