# reference.py:6 syntax error: expected ':' | correct this line
def first(input, weight, power):
    return weight[0] * input**power


def scale(input, weight, power)
    return input
