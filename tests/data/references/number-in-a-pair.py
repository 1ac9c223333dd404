# reference.py:7 case `one`: `scale` returns a `float` for `sum`, not a tensor | return a tensor; `torch.tensor(…)` makes one of a number
# outputs: [scaled, sum]
def first(input, weight, power):
    return weight[0] * input**power


def scale(input, weight, power):
    return input, float(input.sum())
