# verdict: missing
# text: `convolve(img, weights)` is probably meant: write it as `def conv2d(input, kernel, bias):`
# text: It also uses `scipy`: this exercise allows NumPy only

from scipy.signal import correlate2d


def helper(a, b):
    return correlate2d(a, b)


def convolve(img, weights):
    return helper(img, weights)
