# bug: largest-class-only
import numpy as np


def cross_entropy(y, y_hat):
    return -np.log(y_hat[np.argmax(y)])
