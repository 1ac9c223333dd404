# verdict: time_limit
# limits: time_limit=0.2 total_limit=0.3

import signal
import time

for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)


def conv2d(input, kernel, bias):
    while True:
        try:
            while True:
                time.sleep(0.01)
        except BaseException:
            pass
