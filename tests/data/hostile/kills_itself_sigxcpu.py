# verdict: time_limit

import os
import signal
import time


def conv2d(input, kernel, bias):
    os.kill(os.getpid(), signal.SIGXCPU)
    time.sleep(5)
