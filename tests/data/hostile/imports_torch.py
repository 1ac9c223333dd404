# verdict: not_allowed
# text: but not `torch` (ex1.py, line 

import torch


def conv2d(input, kernel, bias):
    return torch.nn.functional.conv2d(input, kernel, bias)
