# verdict: runtime_error

import os

for fd in range(64):
    try:
        os.set_blocking(fd, False)
        os.write(fd, b"correct\n" * 100)
    except OSError:
        pass
