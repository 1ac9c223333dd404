# verdict: output_limit
# text: printed more than 64 KiB
# limits: output_limit=64

def conv2d(input, kernel, bias):
    while True:
        print("and so on")
