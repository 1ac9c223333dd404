# verdict: time_limit
# limits: time_limit=0.2
# text: no answer after 0.2 s

def conv2d(input, kernel, bias):
    while True:
        pass
