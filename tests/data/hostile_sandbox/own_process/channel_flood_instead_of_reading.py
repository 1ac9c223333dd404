# verdict: runtime_error
# limits: time_limit=1.0
import os
import time

os.write(4, b"\x01\0\0\0L")  # as if it was loaded
time.sleep(0.2)  # the grader asks now, and does not look whether there is an answer already
while True:
    os.write(4, b"\xff" * 65536)
