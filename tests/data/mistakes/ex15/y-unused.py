# bug: y-unused
import math


def cross_entropy(y, y_hat):
    return -sum(math.log(p) for p in y_hat)
