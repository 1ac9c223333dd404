# verdict: missing
# text: your function is `conv2d(*args)`, and arguments are passed by name: add `input`, `kernel` and `bias`

def conv2d(*args):
    return args[0]
