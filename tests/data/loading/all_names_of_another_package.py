# verdict: not_allowed
# text: allows NumPy but not `scipy` (ex1.py, line 6)

from scipy.signal import *
def conv2d(input, kernel, bias):
    return correlate2d(input, kernel, mode='valid') + bias
