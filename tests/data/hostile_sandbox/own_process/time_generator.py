# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.2
import itertools


def conv2d(input, kernel, bias):
    return list(itertools.cycle([]) or []) if input is None else next(i for i in itertools.count() if i < 0)
