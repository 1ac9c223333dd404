# verdict: not_allowed
# text: allows NumPy but not `torch` (ex1.py, line 9)

import numpy as np
import torch


def conv2d(input, kernel, bias):
    return np.zeros((2, 2), dtype=torch.float32)
