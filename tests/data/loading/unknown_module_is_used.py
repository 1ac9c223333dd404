# verdict: not_allowed
# text: hand in `utils.py` as well
# text: line 9

import numpy as np
import utils

def conv2d(input, kernel, bias):
    return utils.correlate(input, kernel) + bias
