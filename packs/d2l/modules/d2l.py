"""What students use from the course's package in these exercises."""

import torch


def corr2d(X, K):
    """Correlate an array with a kernel, both with two axes."""
    rows, columns = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    Y = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            Y[i, j] = (X[i : i + K.shape[0], j : j + K.shape[1]] * K).sum()
    return Y


def reduce_sum(x, *args, **kwargs):
    """Return the sum of a tensor, over all axes or some."""
    return x.sum(*args, **kwargs)


def stack(tensors, dim=0):
    """Stack tensors along a new axis."""
    return torch.stack(list(tensors), dim)
