# bug: last-column-missing
import numpy as np


def elementwise_product(a, b):
    rows, columns = a.shape
    c = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns - 1):
            c[i, j] = a[i, j] * b[i, j]
    return c
