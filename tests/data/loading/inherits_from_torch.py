# score: 10

import numpy as np
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 1, 3))


def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    return output


net = Net()
