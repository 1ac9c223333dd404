# A forward pass that begins its output anew for each filter.
# wrong: conv_forward only-last-filter
# says: conv_forward You return the map of the last filter only; the others are zero.
import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    rows = 1 + (x_pad.shape[2] - w.shape[2]) // stride
    columns = 1 + (x_pad.shape[3] - w.shape[3]) // stride
    for f in range(len(w)):
        out = np.zeros((len(x), len(w), rows, columns))
        for i in range(rows):
            for j in range(columns):
                seen = x_pad[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
                out[:, f, i, j] = np.sum(seen * w[f], axis=(1, 2, 3)) + b[f]
    return out, (x, w, b, conv_param)
