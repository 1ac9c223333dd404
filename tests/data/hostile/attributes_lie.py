# verdict: wrong_answer or time_limit or runtime_error
# limits: time_limit=0.2 total_limit=0.3

class Liar:
    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    __iter__ = __len__ = __getitem__ = __call__


def conv2d(input, kernel, bias):
    return Liar()
