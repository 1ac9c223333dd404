# reference.py case `one`: `scale` raises TypeError: scale.__init__() got an unexpected keyword argument 'power' | correct the function, or the case
from torch import nn


def first(input, weight, power):
    return weight[0] * input**power


class scale(nn.Module):
    def forward(self, input, weight):
        return input
