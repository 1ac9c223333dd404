"""Model answer of ex3: convolution with padding and stride."""

import numpy as np


def conv2d(input, kernel, bias, padding, stride):
    p, q = padding
    s, t = stride
    padded = np.pad(input, ((p, p), (q, q)))
    rows = (padded.shape[0] - kernel.shape[0]) // s + 1
    columns = (padded.shape[1] - kernel.shape[1]) // t + 1
    output = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = padded[i * s : i * s + kernel.shape[0], j * t : j * t + kernel.shape[1]]
            output[i, j] = np.sum(window * kernel) + bias
    return output
