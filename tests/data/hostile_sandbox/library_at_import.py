# verdict: not_allowed
import torch


def conv2d(input, kernel, bias):
    return torch
