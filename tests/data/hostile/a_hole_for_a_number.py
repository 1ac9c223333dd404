# verdict: wrong_answer
# text: it returned an array with None in it: a value was never computed

def conv2d(input, kernel, bias):
    return [[1.0, None]]
