# reference.py:7 the misconception `first-weight` raises NameError: name 'wieght' is not defined in every case | a misconception returns a wrong answer: correct the function
def scale(input, weight, power):
    return weight[:, None] * input**power


def first(input, weight, power):
    return wieght[0] * input**power
