# shows: rename the parameter `image` to `input`

def conv2d(image, kernel, bias):
    return image
