# verdict: correct
# printed: red

import os

import numpy as np


def right(input, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(input, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3)) + bias


def conv2d(input, kernel, bias):
    print("\x1b[31mred\x1b[0m\x1b[2J \x9b31m \x07 \x08\x08 \r\x00 \u202e\u2066 bidi \u2028 \ufeff")
    print("::error file=a::b")
    print("  ::set-output name=x::y\n\t::stop-commands::z\n##[error]x ##vso[task.complete]")
    os.write(1, b"\xff\xfe\xc0\x80\xed\xa0\x80\n::add-mask::x\n")
    return right(input, kernel, bias)
