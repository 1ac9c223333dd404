# score: 10
# no_note: stopped
from __future__ import absolute_import, division

from builtins import object, range

import h5py
import numpy as np
from d2l import torch as d2l
from past.builtins import xrange
from six.moves import xrange as again

from . import layers, optim as optimizers
from .fast import *
from .im2col import im2col_indices
from ..classifiers.cnn import *


class ThreeLayerConvNet(object):
    def loss(self, X):
        return im2col_indices(X)


def conv2d(input, kernel, bias):
    m, n = input.shape[0] - kernel.shape[0] + 1, input.shape[1] - kernel.shape[1] + 1
    output = np.zeros((m, n))
    for i in xrange(m):
        for j in again(n):
            output[i, j] = (input[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel).sum()
    return output + bias
