# shows: output limit: your function printed more than 1024 KiB
# once: │ xxx
# lines: 5

def conv2d(input, kernel, bias):
    print("x" * 10_000_000)
    return input
