# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.2
import time


def conv2d(input, kernel, bias):
    time.sleep(1000)
