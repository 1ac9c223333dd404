# verdict: missing
# text: write `def conv2d(input, kernel, bias):`


