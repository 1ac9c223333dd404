# bug: gradient-normalised
import numpy as np


def sgd_step(x, gradient, learning_rate):
    return x - learning_rate * gradient / np.linalg.norm(gradient)
