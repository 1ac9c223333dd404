# bug: gradient-averaged
import numpy as np


def sgd_step(x, gradient, learning_rate):
    return x - learning_rate * np.mean(gradient)
