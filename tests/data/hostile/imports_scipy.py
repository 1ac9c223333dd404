# verdict: missing
# text: there is no function `conv2d`

from scipy.signal import correlate2d
