# verdict: runtime_error
# text: `c` was never set, because line 7 stopped: ZeroDivisionError
# no_note: stopped

import numpy as np

a = 1 / 0
b = a + 1
c = [b]


def conv2d(input, kernel, bias):
    return c[0]
