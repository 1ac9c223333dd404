# shows: one is indented inside another block: begin `def conv2d` at the left margin

class Solution:
    def conv2d(self, input, kernel, bias):
        return input
