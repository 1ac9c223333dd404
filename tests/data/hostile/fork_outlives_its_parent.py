# verdict: time_limit or runtime_error
# limits: time_limit=0.2 total_limit=0.3

import os
import time


def conv2d(input, kernel, bias):
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
