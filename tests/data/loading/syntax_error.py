# verdict: runtime_error
# text: syntax error in ex1.py, line 6: expected ':'
# text:     def conv2d(input, kernel, bias)\n                                   ^

import numpy as np
def conv2d(input, kernel, bias)
    return input
