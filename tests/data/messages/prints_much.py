# shows: output limit: it printed more than 1024 KiB
# once: │ xxx
# lines: 4

def conv2d(input, kernel, bias):
    print("x" * 10_000_000)
    return input
