# verdict: memory_limit

def conv2d(input, kernel, bias):
    raise MemoryError
