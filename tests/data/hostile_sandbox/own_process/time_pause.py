# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.2
import signal


def conv2d(input, kernel, bias):
    signal.pause()
