# verdict: runtime_error or memory_limit or time_limit
# limits: time_limit=0.3 total_limit=0.3 memory_limit=256

import sys

sys.setrecursionlimit(10**9)


def conv2d(input, kernel, bias):
    return conv2d(input, kernel, bias)
