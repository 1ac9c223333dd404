# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.2
class Slow:
    def __array__(self, *_, **__):
        while True:
            pass


def conv2d(input, kernel, bias):
    return Slow()
