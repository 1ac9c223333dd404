# verdict: missing
# text: your function is `conv2d(*args)`

def conv2d(*args):
    return args[0]
