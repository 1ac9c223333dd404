# verdict: not_allowed
# text: but not `scipy` (ex1.py, line

def conv2d(input, kernel, bias):
    import scipy.signal

    return scipy.signal.correlate2d(input, kernel) + bias
