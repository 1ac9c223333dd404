# reference.py:6 case `one`: `scale` returns nan in cell [0, 0] | change the case, or `values` under `draw`, or the function
def first(input, weight, power):
    return weight[0] * input**power


def scale(input, weight, power):
    return (input - input) / (input - input)
