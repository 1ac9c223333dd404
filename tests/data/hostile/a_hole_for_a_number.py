# verdict: wrong_answer
# text: it returned `NoneType` objects (`list`, dtype=object), not real numbers

def conv2d(input, kernel, bias):
    return [[1.0, None]]
