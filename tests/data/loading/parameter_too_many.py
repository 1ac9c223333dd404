# verdict: missing
# text: remove `verbose`, or give a default value

import numpy as np


def conv2d(input, kernel, bias, verbose):
    return input
