# bug: divergence
import math


def cross_entropy(y, y_hat):
    return sum(t * math.log(t / p) for t, p in zip(y, y_hat) if t > 0)
