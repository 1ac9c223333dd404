# bug: loss-not-summed
import numpy as np


def cross_entropy(y, y_hat):
    return -(y * np.log(y_hat))
