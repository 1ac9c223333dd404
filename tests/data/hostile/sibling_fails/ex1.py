# verdict: runtime_error
# text: ValueError: in the helper (helper.py, line 2)

import helper


def conv2d(input, kernel, bias):
    return helper.right(input, kernel, bias)
