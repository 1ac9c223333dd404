# verdict: wrong_answer

async def later():
    return 0


def conv2d(input, kernel, bias):
    return later()
