# score: 10
# no_note: stopped

import numpy as np
import torch

device = torch.device if torch.cuda.is_available() else "cpu"


def conv2d(input, kernel, bias):
    if torch.is_tensor(input) or device != "cpu":
        input = input.numpy()
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    return output
