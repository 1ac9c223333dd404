# reference.py:9 case `one`: `scale` returns something else when it is called a second time | it must not be random: set its weights, and begin it with `torch.manual_seed(0)`
import torch


def first(input, weight, power):
    return weight[0] * input**power


def scale(input, weight, power):
    return input + torch.rand(())
