# score: 10
# no_note: stopped

from pylab import *


def conv2d(input, kernel, bias):
    m, n = input.shape
    k, o = kernel.shape
    output = zeros((m - k + 1, n - o + 1))
    for i in range(m - k + 1):
        for j in range(n - o + 1):
            output[i, j] = sum(input[i : i + k, j : j + o] * kernel) + bias
    imshow(output)
    return output
