# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.2
import re


def conv2d(input, kernel, bias):
    re.match(r"(a+)+$", "a" * 60 + "b")
