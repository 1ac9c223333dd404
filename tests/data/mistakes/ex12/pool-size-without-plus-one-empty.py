# bug: pool-size-without-plus-one
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
    output = np.zeros(((rows - A) // A, (columns - B) // B))
    for i in range(output.shape[0]):
        for j in range(output.shape[1]):
            output[i, j] = np.max(features[i * A : i * A + A, j * B : j * B + B])
    return features, output
