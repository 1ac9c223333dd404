# bug: full-convolution
import numpy as np


def conv_max_pool(input, kernel, bias, pool_size):
    K, O = kernel.shape
    input = np.pad(input, ((K - 1, K - 1), (O - 1, O - 1)))
    rows = input.shape[0] - K + 1
    columns = input.shape[1] - O + 1
    features = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = input[i : i + K, j : j + O]
            features[i, j] = np.sum(window * kernel) + bias
    A, B = pool_size
    high = rows // A
    wide = columns // B
    output = np.zeros((high, wide))
    for i in range(high):
        for j in range(wide):
            cells = features[i * A : i * A + A, j * B : j * B + B]
            output[i, j] = np.max(cells)
    return output
