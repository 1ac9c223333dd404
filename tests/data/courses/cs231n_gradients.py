# A file whose backward passes go wrong in ways of their own, after a forward pass that is right.
# right: conv_forward relu_forward affine_forward
# wrong: conv_backward bias-gradient-of-last-image
# says: conv_backward In db, only the last image of the batch is left.
# wrong: affine_backward -
# says: affine_backward it returned `ndarray`; return a tuple of 3: dx, dw, db
# wrong: relu_backward -
# says: relu_backward `positive` is not defined here: check its spelling, or submit `im2col.py` too
# wrong: max_pool_forward -
# says: max_pool_forward name 'xrange' is not defined
# says: max_pool_forward python2
# wrong: max_pool_backward -
# says: max_pool_backward not judged, because `max_pool_forward_naive` is wrong in this case
from builtins import range

import numpy as np

from .im2col import *


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape)


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    return dout * positive(cache)


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    F, C, HH, WW = w.shape
    H_out, W_out = 1 + (x_pad.shape[2] - HH) // stride, 1 + (x_pad.shape[3] - WW) // stride
    out = np.zeros((len(x), F, H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            window = x_pad[:, None, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            out[:, :, i, j] = (window * w).sum(axis=(2, 3, 4)) + b
    return out, {"x": x, "w": w, "b": b, "x_pad": x_pad, "stride": stride, "pad": pad}


def conv_backward_naive(dout, cache):
    x, w, x_pad, stride, pad = (cache[name] for name in ("x", "w", "x_pad", "stride", "pad"))
    dx_pad, dw, db = np.zeros_like(x_pad), np.zeros_like(w), np.zeros_like(cache["b"])
    N, F, H_out, W_out = dout.shape
    HH, WW = w.shape[2:]
    for n in range(N):
        for f in range(F):
            db[f] = dout[n, f].sum()
            for i in range(H_out):
                for j in range(W_out):
                    rows, columns = slice(i * stride, i * stride + HH), slice(j * stride, j * stride + WW)
                    dx_pad[n, :, rows, columns] += w[f] * dout[n, f, i, j]
                    dw[f] += x_pad[n, :, rows, columns] * dout[n, f, i, j]
    H, W = x.shape[2:]
    return dx_pad[:, :, pad : pad + H, pad : pad + W], dw, db


def max_pool_forward_naive(x, pool_param):
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, 1 + (H - height) // stride, 1 + (W - width) // stride))
    for i in xrange(out.shape[2]):
        for j in xrange(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * stride : i * stride + height, j * stride : j * stride + width].max(axis=(2, 3))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    return dout
