# verdict: runtime_error
# text: signal

import os
import time


def conv2d(input, kernel, bias):
    os.kill(os.getpid(), 40)
    time.sleep(5)
