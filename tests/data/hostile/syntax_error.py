# verdict: runtime_error
# text: SyntaxError: expected ':' (ex1.py, line 7)

import numpy as np


def conv2d(input, kernel, bias)
    return 0
