# verdict: not_allowed
# text: allows NumPy but not `scipy` (ex1.py, line 4)

from scipy.signal import correlate2d as conv2d
