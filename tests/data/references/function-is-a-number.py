# reference.py `scale` is not a function | give the name of a function or of a `torch.nn.Module`
def first(input, weight, power):
    return weight[0] * input**power


scale = 3
