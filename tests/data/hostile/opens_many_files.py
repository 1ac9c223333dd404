# verdict: runtime_error
# text: Too many open files

import os


def conv2d(input, kernel, bias):
    return [os.open("/dev/null", os.O_RDONLY) for _ in range(1000)]
