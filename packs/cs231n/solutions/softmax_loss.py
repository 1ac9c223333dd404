import numpy as np


def softmax_loss(x, y):
    count = x.shape[0]
    shifted = x - x.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(logs)
    dx[np.arange(count), y] -= 1
    return -logs[np.arange(count), y].mean(), dx / count
