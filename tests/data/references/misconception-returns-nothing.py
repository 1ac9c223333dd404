# reference.py:6 case `one`: `first` returns a `NoneType`, not a tensor | return a tensor; `torch.tensor(…)` makes one of a number
def scale(input, weight, power):
    return weight[:, None] * input**power


def first(input, weight, power):
    weight[0] * input**power
