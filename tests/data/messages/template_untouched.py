# code: 1
# shows: · not begun: write `conv2d` in ex1.py, instead of line 9
# not: runtime error
# not: ✗

import numpy as np
def conv2d(input, kernel, bias):
    """Write it."""
    raise NotImplementedError("write conv2d here")
