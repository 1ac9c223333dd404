# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.3

class Odd(Exception):
    def __str__(self):
        while True:
            pass


def conv2d(input, kernel, bias):
    raise Odd
