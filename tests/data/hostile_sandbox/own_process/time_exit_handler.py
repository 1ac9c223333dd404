# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.2
import signal
import sys


def conv2d(input, kernel, bias):
    def again(*_):
        while True:
            pass


    signal.signal(signal.SIGALRM, again)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    again()
