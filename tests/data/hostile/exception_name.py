# verdict: runtime_error

def conv2d(input, kernel, bias):
    raise type("::error::\x1b[2J\u202e\n::notice", (Exception,), {})("x")
