# reference.py:6 case `one`: `scale` changes `input` | work on a copy: `input = input.clone()`
def first(input, weight, power):
    return weight[0] * input**power


def scale(input, weight, power):
    input *= weight[:, None]
    return input**power
