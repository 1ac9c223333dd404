# bug: update-alone
import numpy as np


def sgd_step(x, gradient, learning_rate):
    return np.multiply(-learning_rate, gradient)
