# verdict: output_limit
# limits: time_limit=1.5 memory_limit=600
import sys


def conv2d(input, kernel, bias):
    while True:
        sys.stderr.write("x" * 10000)
