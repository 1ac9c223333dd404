# verdict: time_limit
# limits: time_limit=0.3 total_limit=0.5

import time


def conv2d(input, kernel, bias):
    time.sleep(100)
