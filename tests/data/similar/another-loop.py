# expected: apart: another program of the same idea, written by somebody else
import numpy as np


def conv2d(input, kernel, bias, padding, stride):
    x = np.zeros((len(input) + 2 * padding[0], len(input[0]) + 2 * padding[1]))
    x[padding[0] : padding[0] + len(input), padding[1] : padding[1] + len(input[0])] = input
    out = []
    i = 0
    while i + len(kernel) <= len(x):
        line, j = [], 0
        while j + len(kernel[0]) <= len(x[0]):
            total = bias
            for a in range(len(kernel)):
                for b in range(len(kernel[0])):
                    total += x[i + a][j + b] * kernel[a][b]
            line.append(total)
            j += stride[1]
        out.append(line)
        i += stride[0]
    return np.array(out)
