# reference.py:7 case `one`: `scale` raises RuntimeError: shape '[7, 7]' is invalid for input of size 2 | correct the function, or the case
def first(input, weight, power):
    return weight[0] * input**power


def helper(input, weight):
    return input @ weight.reshape(7, 7)


def scale(input, weight, power):
    return helper(input, weight)
