# verdict: runtime_error
# text: syntax error in ex1.py, line 7: expected ':'

import numpy as np


def conv2d(input, kernel, bias)
    return 0
