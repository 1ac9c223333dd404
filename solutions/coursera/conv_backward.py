import numpy as np


def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded = zero_pad(A_prev, pad)
    f, _, _, filters = W.shape
    rows, columns = (padded.shape[1] - f) // stride + 1, (padded.shape[2] - f) // stride + 1
    Z = np.zeros((A_prev.shape[0], rows, columns, filters))
    for h in range(rows):
        for w in range(columns):
            window = padded[:, h * stride : h * stride + f, w * stride : w * stride + f, :]
            Z[:, h, w, :] = np.tensordot(window, W, axes=([1, 2, 3], [0, 1, 2])) + b[0, 0, 0]
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded = zero_pad(A_prev, pad)
    dpadded, dW = np.zeros_like(padded), np.zeros_like(W)
    f = W.shape[0]
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            window = np.s_[:, h * stride : h * stride + f, w * stride : w * stride + f, :]
            dW += np.tensordot(padded[window], dZ[:, h, w, :], axes=([0], [0]))
            dpadded[window] += np.tensordot(dZ[:, h, w, :], W, axes=([1], [3]))
    dA_prev = dpadded[:, pad : pad + A_prev.shape[1], pad : pad + A_prev.shape[2], :]
    return dA_prev, dW, dZ.sum(axis=(0, 1, 2)).reshape(b.shape)
