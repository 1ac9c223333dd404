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
    output = []
    for i in range((rows - A) // A):
        row = [np.max(features[i * A : i * A + A, j * B : j * B + B]) for j in range((columns - B) // B)]
        output.append(np.stack(row))
    return features, np.stack(output)
