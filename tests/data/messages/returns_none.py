# shows: it returned None: is a `return` missing?
# once: it returned None

def conv2d(input, kernel, bias):
    pass
