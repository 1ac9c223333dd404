# verdict: missing
# text: there is no function `conv2d`

from helper import right
