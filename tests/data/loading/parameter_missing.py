# verdict: missing
# text: add `bias`

import numpy as np


def conv2d(input, kernel):
    return input
