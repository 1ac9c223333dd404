# A file that takes the channels for the last axis, and whose loss overflows.
# wrong: conv_forward -
# says: conv_forward channel-order
# wrong: max_pool_forward channels-last
# says: max_pool_forward channel-order
# wrong: softmax_loss loss-exponential-overflows
import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    (N, H, W, C) = x.shape
    F, C, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="constant")
    out = np.zeros((N, F, 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride))
    for n in range(N):
        for f in range(F):
            for i in range(out.shape[2]):
                for j in range(out.shape[3]):
                    window = x_pad[n, i * stride : i * stride + HH, j * stride : j * stride + WW, :]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return out, (x, w, b, conv_param)


def max_pool_forward_naive(x, pool_param):
    high, wide, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    n_images, height, width, channels = x.shape
    out = np.zeros((n_images, 1 + (height - high) // stride, 1 + (width - wide) // stride, channels))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            window = x[:, i * stride : i * stride + high, j * stride : j * stride + wide]
            out[:, i, j] = window.max(axis=(1, 2))
    return out, (x, pool_param)


def softmax_loss(x, y):
    probs = np.exp(x)
    probs /= probs.sum(axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(len(x)), y]).mean()
    probs[np.arange(len(x)), y] -= 1
    return loss, probs / len(x)
