# verdict: wrong_shape
# limits: load_limit=0.2
while True:
    pass


def conv2d(input, kernel, bias):
    return input
