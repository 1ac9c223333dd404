# verdict: not_allowed
# text: but not `scipy` (ex1.py, line 

from scipy.signal import correlate2d
