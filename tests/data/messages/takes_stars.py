# shows: your function is `conv2d(*args)`

def conv2d(*args):
    input, kernel, bias = args
    return input
