# reference.py there is no function `scale` | did you mean `scales`?
def first(input, weight, power):
    return weight[0] * input**power


def scales(input, weight, power):
    return input
