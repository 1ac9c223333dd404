# ex1.yaml `power` is the same in every case | add a case with another value, or remove the parameter from `function` and `draw`
# choose: [2]
def scale(input, weight, power):
    return weight[:, None] * input**power


def first(input, weight, power):
    return weight[0] * input**power
