# verdict: time_limit
# limits: time_limit=0.2
import os


def conv2d(input, kernel, bias):
    while True:
        os.read(3, 100)
