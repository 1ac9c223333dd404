# score: 10

"""A docstring."""
from __future__ import annotations

import numpy as np


def conv2d(input: Image, kernel: Unknown[3], bias: float):
    m, n = input.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(input[i : i + k, j : j + o] * kernel) + bias
    return output


assert __doc__ == "A docstring."
assert conv2d.__annotations__["input"] == "Image"
