# verdict: memory_limit
# limits: time_limit=1.5 memory_limit=600
def conv2d(input, kernel, bias):
    return "x" * (1 << 40)
