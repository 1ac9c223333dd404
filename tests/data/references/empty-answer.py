# reference.py:6 case `one`: `scale` returns no cell | change the case, or the sizes under `draw`
def first(input, weight, power):
    return weight[0] * input**power


def scale(input, weight, power):
    return input[:0]
