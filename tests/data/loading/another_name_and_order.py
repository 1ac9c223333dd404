# verdict: missing
# text: return apply_filter(kernel, input, bias)

import numpy as np


def apply_filter(kernel, image, bias=0):
    return image
