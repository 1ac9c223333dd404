# bug: logarithm-base-two
import math


def cross_entropy(y, y_hat):
    return -sum(t * math.log2(p) for t, p in zip(y, y_hat))
