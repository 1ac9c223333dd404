# shows: the loop in line 10 of ex1.py was still running
# limits: time_limit=0.2

def helper(n):
    return n + 1
def conv2d(input, kernel, bias):
    i = 0
    while i < 3:
        j = 0
        while j < 3:
            try:
                x = helper(i)
            except:
                pass
        i += 1
    return x
