# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.2
import os
import signal


def conv2d(input, kernel, bias):
    os.kill(os.getpid(), signal.SIGSTOP)
