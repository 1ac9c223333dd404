# reference.py:6 `scale` returns 2 axes in case `one`, 1 in case `sweep 4` | keep the axes, for example with `keepdim=True`, or without `squeeze`
def first(input, weight, power):
    return weight[0] * input**power


def scale(input, weight, power):
    return (weight[:, None] * input**power).squeeze()
