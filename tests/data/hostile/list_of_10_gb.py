# verdict: memory_limit
# text: MemoryError

def conv2d(input, kernel, bias):
    return [0] * (10 << 30)
