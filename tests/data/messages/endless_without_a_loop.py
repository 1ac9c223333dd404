# shows: ✗ time limit: no answer after 0.2 s, the limit of a call
# not: the loop in line
# limits: time_limit=0.2

import time
def conv2d(input, kernel, bias):
    time.sleep(60)
