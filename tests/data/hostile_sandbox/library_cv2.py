# verdict: not_allowed or runtime_error
def conv2d(input, kernel, bias):
    import cv2

    return cv2.filter2D(input, -1, kernel)
