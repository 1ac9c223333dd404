# reference.py:6 case `one`: `scale` returns a `NoneType`, not a tensor | return a tensor; `torch.tensor(…)` makes one of a number
def first(input, weight, power):
    return weight[0] * input**power


def scale(input, weight, power):
    input * power
