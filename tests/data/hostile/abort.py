# verdict: runtime_error
# text: SIGABRT

import os


def conv2d(input, kernel, bias):
    os.abort()
