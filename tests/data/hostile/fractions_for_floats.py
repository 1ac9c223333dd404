# verdict: wrong_answer
# text: it returned an array of `Fraction` objects; make each a `float`

from fractions import Fraction


def conv2d(input, kernel, bias):
    return [[Fraction(cell) for cell in row] for row in input.tolist()]
