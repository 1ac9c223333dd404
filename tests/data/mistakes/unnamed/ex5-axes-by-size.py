# outside the library
def max_pool2d(input, kernel_size, stride):
    for k in kernel_size:
        x = input.max(k)
    return x
