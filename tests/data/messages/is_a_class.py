# shows: `conv2d` is a class, and calling it makes an object: write a function that returns the array

class conv2d:
    def __init__(self, input, kernel, bias):
        self.input = input
