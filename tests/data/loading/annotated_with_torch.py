# score: 10

import numpy as np
import torch
from typing import Optional, Union


def conv2d(input: torch.Tensor, kernel: Union[np.ndarray, torch.Tensor], bias: Optional[torch.Tensor] | float = 0) -> torch.Tensor | None:
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    return output
