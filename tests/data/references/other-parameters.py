# reference.py:6 `scale`: missing a required argument: 'x' | its parameters are named as under `draw`: `input`, `weight`, `power`
def first(input, weight, power):
    return weight[0] * input**power


def scale(x, weight, power):
    return x
