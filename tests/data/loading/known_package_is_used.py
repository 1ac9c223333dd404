# verdict: not_allowed
# text: without `imutils`
# no_text: hand in

import imutils


def conv2d(input, kernel, bias):
    return imutils.resize(input)
