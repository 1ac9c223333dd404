# bug: gradient-magnitude
import numpy as np


def sgd_step(x, gradient, learning_rate):
    return x - np.abs(learning_rate * gradient)
