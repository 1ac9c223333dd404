# ex1.yaml `first-weight` passes every case | correct its function, or add a case or a `sweep` that catches it
def scale(input, weight, power):
    return weight[:, None] * input**power


def first(input, weight, power):
    return (input**power * weight[:, None]).clone()
