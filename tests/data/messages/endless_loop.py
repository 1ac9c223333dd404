# shows: ✗ time limit: no answer after 0.2 s, the limit of a call: the loop in line 8 of ex1.py was still running
# once: no answer
# lines: 3
# limits: time_limit=0.2

def conv2d(input, kernel, bias):
    i = 0
    while i < 3:
        for j in range(3):
            x = 1
    return x
