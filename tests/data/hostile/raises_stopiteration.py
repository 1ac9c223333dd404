# verdict: runtime_error
# text: StopIteration

def conv2d(input, kernel, bias):
    raise StopIteration
