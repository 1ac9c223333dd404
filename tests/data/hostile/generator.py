# verdict: wrong_answer
# text: return its items as a list

def conv2d(input, kernel, bias):
    for row in input:
        yield row
