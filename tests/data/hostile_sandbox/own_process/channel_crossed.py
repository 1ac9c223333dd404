# verdict: time_limit or runtime_error
# limits: time_limit=0.2
import os


def conv2d(input, kernel, bias):
    os.dup2(1, 4)
    return input
