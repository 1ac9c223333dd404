# bug: minus-missing
import math


def cross_entropy(y, y_hat):
    loss = 0
    for true, guess in zip(y, y_hat):
        loss += true * math.log(guess)
    return loss
