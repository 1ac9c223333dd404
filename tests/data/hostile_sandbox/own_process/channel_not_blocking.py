# verdict: runtime_error or wrong_answer or wrong_shape
import os


def conv2d(input, kernel, bias):
    os.set_blocking(3, False)
    os.set_blocking(4, False)
    return input * 0
