# verdict: runtime_error or memory_limit
# limits: time_limit=1.5 memory_limit=600
import mmap


def conv2d(input, kernel, bias):
    kept = []
    while True:
        kept.append(mmap.mmap(-1, 64 << 20))
