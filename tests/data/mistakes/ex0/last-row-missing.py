# bug: last-row-missing
import numpy as np


def elementwise_product(a, b):
    rows, columns = a.shape
    c = np.zeros((rows, columns))
    for i in range(rows - 1):
        for j in range(columns):
            c[i, j] = a[i, j] * b[i, j]
    return c
