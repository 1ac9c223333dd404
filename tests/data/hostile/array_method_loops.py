# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.3

class Liar:
    def __array__(self, dtype=None, copy=None):
        while True:
            pass


def conv2d(input, kernel, bias):
    return Liar()
