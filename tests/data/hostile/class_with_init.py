# verdict: wrong_answer
# text: objects

class conv2d:
    def __init__(self, input, kernel, bias):
        self.output = input
