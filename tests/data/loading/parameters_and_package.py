# verdict: missing
# text: rename the parameter `x` of `conv2d` to `input`
# text: It also uses `torch`

import torch


def conv2d(x, kernel, bias):
    return torch.ones(3)
