# shows: it returned a `dict`; return the array itself

def conv2d(input, kernel, bias):
    return {"out": 1}
