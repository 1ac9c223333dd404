# shows: rename the parameter `image` of `conv2d` to `input`

def conv2d(image, kernel, bias):
    return image
