# verdict: runtime_error or memory_limit or time_limit
# limits: time_limit=0.5 total_limit=0.5 memory_limit=200
import sys


def conv2d(input, kernel, bias):
    sys.setrecursionlimit(10**9)
    return conv2d(input, kernel, bias)
