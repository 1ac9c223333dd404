# bug: pool-stride-leaves-gaps
import numpy as np


def edge_map(image, kernel, pool_size):
    K, O = kernel.shape
    rows = image.shape[0] - K + 1
    columns = image.shape[1] - O + 1
    features = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = image[i : i + K, j : j + O]
            features[i, j] = np.sum(window * kernel)
    A, B = pool_size
    high = rows // A
    wide = columns // B
    output = np.zeros((high, wide))
    for i in range(0, high, A):
        for j in range(0, wide, B):
            cells = features[i : i + A, j : j + B]
            output[i, j] = np.max(cells)
    return features, output
