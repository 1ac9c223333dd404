# verdict: missing
# text: your function is `conv2d(image, filter)`

def conv2d(image, filter):
    return 0
