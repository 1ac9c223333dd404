# verdict: correct
# known: a kernel that is called below the dispatch mode, and calls no other
import numpy as np
import torch
import torch.nn.functional as F


def right(input, kernel, bias):
    image, weight = torch.from_numpy(input), torch.from_numpy(kernel)
    columns = F.unfold(image[None, None], weight.shape)[0]
    rows = image.shape[0] - weight.shape[0] + 1
    return (weight.reshape(1, -1) @ columns).reshape(rows, -1) + bias


def given(input, kernel):
    return torch.from_numpy(input)[None, None], torch.from_numpy(kernel)[None, None]


def conv2d(input, kernel, bias):
    image, weight = given(input, kernel)
    keys = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)
    operator = torch.ops.aten._slow_conv2d_forward.default
    return operator.redispatch(keys, image, weight, kernel.shape, None, [1, 1], [0, 0])[0, 0] + bias
