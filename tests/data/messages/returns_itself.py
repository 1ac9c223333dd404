# shows: it returned a function (`conv2d`), not its result

def conv2d(input, kernel, bias):
    return conv2d
