# verdict: not_allowed
# text: allows NumPy but not `imutils`
# no_text: submit

import imutils


def conv2d(input, kernel, bias):
    return imutils.resize(input)
