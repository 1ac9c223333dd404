# bug: pool-magnitude
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
    for i in range(high):
        for j in range(wide):
            cells = features[i * A : i * A + A, j * B : j * B + B]
            output[i, j] = np.max(cells)
    return features, abs(output)
