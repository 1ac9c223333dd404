# bug: y-and-y-hat-exchanged
import numpy as np


def cross_entropy(y, y_hat):
    return -np.sum(y_hat * np.log(y))
