# bug: softmax-again
import numpy as np


def cross_entropy(y, y_hat):
    shares = np.exp(y_hat) / np.sum(np.exp(y_hat))
    return -np.sum(y * np.log(shares))
