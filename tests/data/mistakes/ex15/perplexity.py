# bug: perplexity
import numpy as np


def cross_entropy(y, y_hat):
    loss = -np.sum(y * np.log(y_hat))
    return np.exp(loss)
