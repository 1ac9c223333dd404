# verdict: output_limit
# text: printed more than 64 KiB
# limits: output_limit=64

import os

while True:
    os.write(2, b"and so on" * 100)
