# bug: logarithm-of-sum
import math


def cross_entropy(y, y_hat):
    return -math.log(sum(t * p for t, p in zip(y, y_hat)))
