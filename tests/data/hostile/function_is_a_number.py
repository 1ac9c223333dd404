# verdict: missing
# text: it is not a function

conv2d = 9
