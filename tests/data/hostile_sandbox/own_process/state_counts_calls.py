# verdict: wrong_answer or wrong_shape
calls = []


def conv2d(input, kernel, bias):
    calls.append(input)
    return calls[0]
