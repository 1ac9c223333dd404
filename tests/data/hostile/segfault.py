# verdict: runtime_error
# text: SIGSEGV

import ctypes


def conv2d(input, kernel, bias):
    ctypes.string_at(0)
