# reference.py case `one`: `scale` returns something else when it is called from a new import | it must not be random: set its weights, and begin it with `torch.manual_seed(0)`
from torch import nn


def first(input, weight, power):
    return weight[0] * input**power


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 2)

    def forward(self, input, weight, power):
        return self.linear(input[..., None])


scale = Scale()
