# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.2
def conv2d(input, kernel, bias):
    sum(range(10**14))
