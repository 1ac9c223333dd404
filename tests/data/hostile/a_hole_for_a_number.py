# verdict: wrong_answer
# text: it returned `NoneType` objects; return an array of numbers

def conv2d(input, kernel, bias):
    return [[1.0, None]]
