# score: 10

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass
class Size:
    rows: int
    columns: int = 0


def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((Size(m - k + 1).rows, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    return output
