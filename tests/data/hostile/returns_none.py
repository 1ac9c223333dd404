# verdict: wrong_answer
# text: is a `return` missing?

def conv2d(input, kernel, bias):
    output = input * bias
