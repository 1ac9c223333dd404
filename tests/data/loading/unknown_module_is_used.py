# verdict: not_allowed
# text: submit `utils.py` too
# text: line 9

import numpy as np
import utils

def conv2d(input, kernel, bias):
    return utils.correlate(input, kernel) + bias
