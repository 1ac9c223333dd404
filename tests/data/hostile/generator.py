# verdict: wrong_answer
# text: use `return`

def conv2d(input, kernel, bias):
    for row in input:
        yield row
