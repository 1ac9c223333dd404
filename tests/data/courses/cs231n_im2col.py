# right: conv_forward conv_backward max_pool_forward max_pool_backward
# wrong: affine_backward missing
from __future__ import absolute_import, division, print_function

import numpy as np
from past.builtins import xrange

try:
    from .im2col_cython import col2im_cython, im2col_cython
except ImportError:
    print("run the following from the cs231n directory and try again:")
    print("python setup.py build_ext --inplace")


def get_im2col_indices(x_shape, field_height, field_width, padding=1, stride=1):
    N, C, H, W = x_shape
    out_height = (H + 2 * padding - field_height) // stride + 1
    out_width = (W + 2 * padding - field_width) // stride + 1
    i0 = np.tile(np.repeat(np.arange(field_height), field_width), C)
    i1 = stride * np.repeat(np.arange(out_height), out_width)
    j0 = np.tile(np.arange(field_width), field_height * C)
    j1 = stride * np.tile(np.arange(out_width), out_height)
    i = i0.reshape(-1, 1) + i1.reshape(1, -1)
    j = j0.reshape(-1, 1) + j1.reshape(1, -1)
    k = np.repeat(np.arange(C), field_height * field_width).reshape(-1, 1)
    return k, i, j


class Conv(object):
    """A layer that keeps what its backward pass needs; nobody asks for it here."""

    def forward(self, x):
        raise NotImplementedError

    def backward(self, dout):
        raise NotImplementedError


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    x_padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    k, i, j = get_im2col_indices(x.shape, HH, WW, pad, stride)
    cols = x_padded[:, k, i, j].transpose(1, 2, 0).reshape(C * HH * WW, -1)
    res = w.reshape(F, -1).dot(cols) + b.reshape(-1, 1)
    H_out, W_out = 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride
    out = res.reshape(F, H_out, W_out, N).transpose(3, 0, 1, 2)
    print("out shape", out.shape)
    return out, (x, w, b, conv_param, cols)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param, cols = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, C, HH, WW = w.shape
    db = np.sum(dout, axis=(0, 2, 3))
    dout_reshaped = dout.transpose(1, 2, 3, 0).reshape(F, -1)
    dw = dout_reshaped.dot(cols.T).reshape(w.shape)
    dcols = w.reshape(F, -1).T.dot(dout_reshaped)
    N, _, H, W = x.shape
    dx_padded = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    k, i, j = get_im2col_indices(x.shape, HH, WW, pad, stride)
    dcols = dcols.reshape(C * HH * WW, -1, N).transpose(2, 0, 1)
    np.add.at(dx_padded, (slice(None), k, i, j), dcols)
    return dx_padded[:, :, pad : pad + H, pad : pad + W], dw, db


def max_pool_forward_naive(x, pool_param):
    HH, WW, stride = [pool_param[name] for name in ("pool_height", "pool_width", "stride")]
    N, C, H, W = x.shape
    out = np.zeros((N, C, (H - HH) // stride + 1, (W - WW) // stride + 1))
    for i in xrange(out.shape[2]):
        for j in xrange(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW].max(axis=(2, 3))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape)
    for n in xrange(x.shape[0]):
        for c in xrange(x.shape[1]):
            for i in xrange(dout.shape[2]):
                for j in xrange(dout.shape[3]):
                    window = x[n, c, i * stride : i * stride + HH, j * stride : j * stride + WW]
                    mask = window == window.max()
                    dx[n, c, i * stride : i * stride + HH, j * stride : j * stride + WW] += mask * dout[n, c, i, j]
    return dx
