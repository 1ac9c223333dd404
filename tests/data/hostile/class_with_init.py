# verdict: wrong_answer
# text: is a class, and calling it makes an object

class conv2d:
    def __init__(self, input, kernel, bias):
        self.output = input
