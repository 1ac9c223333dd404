# verdict: runtime_error
# limits: time_limit=1.5 memory_limit=600
import os
import signal


def conv2d(input, kernel, bias):
    signal.raise_signal(signal.SIGTERM)
