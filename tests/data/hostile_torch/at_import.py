# verdict: not_allowed
# text: does not allow torch's `conv2d`
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


alias = F.conv2d
table = alias(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2))


def conv2d(input, kernel, bias):
    return right(input, kernel, bias) + 0 * len(table)
