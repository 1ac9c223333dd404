# bug: first-squared
import numpy as np


def elementwise_product(a, b):
    rows, columns = a.shape
    c = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            c[i, j] = a[i, j] * a[i, j]
    return c
