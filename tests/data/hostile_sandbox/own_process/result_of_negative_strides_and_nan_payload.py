# verdict: wrong_answer
import numpy as np

from numpy.lib.stride_tricks import sliding_window_view as windows


def right(input, kernel, bias):
    return (windows(input, kernel.shape) * kernel).sum((2, 3)) + bias


def conv2d(input, kernel, bias):
    out = right(input, kernel, bias)[::-1, ::-1].astype("f8")
    out.view("u8")[0, 0] = 0x7FF8DEADBEEF0001
    return out
