# verdict: wrong_answer
# text: is no array

def conv2d(input, kernel, bias):
    return [[1, 2], [3]]
