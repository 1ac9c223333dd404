# verdict: not_allowed or runtime_error
def conv2d(input, kernel, bias):
    return __import__("click")
