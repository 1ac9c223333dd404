# verdict: missing
# text: rename the parameter `image` of `conv2d` to `input`

import numpy as np


def conv2d(image, kernel, bias):
    m, n = image.shape
    k, o = kernel.shape
    output = np.zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = np.sum(image[i : i + k, j : j + o] * kernel) + bias
    return output
