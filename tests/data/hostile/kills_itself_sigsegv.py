# verdict: runtime_error
# text: SIGSEGV

import os
import signal
import time


def conv2d(input, kernel, bias):
    os.kill(os.getpid(), signal.SIGSEGV)
    time.sleep(5)
