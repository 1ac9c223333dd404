# verdict: not_allowed
# text: without `scipy` (ex1.py, line 4)

from scipy.signal import correlate2d as conv2d
