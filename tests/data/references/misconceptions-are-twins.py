# ex1.yaml `first-weight`, `second` give the same answer in every case | add a case that tells them apart, or remove one of them
def scale(input, weight, power):
    return weight[:, None] * input**power


def first(input, weight, power):
    return weight[0] * input**power


def second(input, weight, power):
    return input**power * weight.flatten()[0]
