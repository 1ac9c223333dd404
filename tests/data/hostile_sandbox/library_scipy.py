# verdict: not_allowed or runtime_error
def conv2d(input, kernel, bias):
    from scipy.signal import correlate2d

    return correlate2d(input, kernel, "valid") + bias
