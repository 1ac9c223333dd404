# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.2
import signal


def conv2d(input, kernel, bias):
    for number in range(1, 32):
        if number not in (9, 19):
            signal.signal(number, signal.SIG_IGN)
    while True:
        pass
