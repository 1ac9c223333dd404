# verdict: not_allowed
# text: without `scipy` (ex1.py, line 

from scipy.signal import correlate2d
