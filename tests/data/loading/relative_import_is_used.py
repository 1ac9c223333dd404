# verdict: not_allowed
# text: this exercise allows NumPy but not `im2col`; if it is your own file, submit `im2col.py` too
# no_note: stopped
from .im2col import im2col_indices


def conv2d(input, kernel, bias):
    return im2col_indices(input, kernel)
