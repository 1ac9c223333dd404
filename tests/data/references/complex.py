# reference.py:6 case `one`: `scale` returns complex numbers | return real ones
def first(input, weight, power):
    return weight[0] * input**power


def scale(input, weight, power):
    return (input - 100) ** 0.5 * 1j
