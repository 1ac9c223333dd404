# verdict: runtime_error
# limits: time_limit=1.5 memory_limit=600
def conv2d(input, kernel, bias):
    return conv2d(input, kernel, bias)
