# verdict: runtime_error

class Meta(type):
    __name__ = property(lambda self: 1 / 0)


class Odd(Exception, metaclass=Meta):
    pass


def conv2d(input, kernel, bias):
    raise Odd("x")
