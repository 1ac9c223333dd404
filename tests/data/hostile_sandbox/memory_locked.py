# verdict: memory_limit
# limits: time_limit=1.5 memory_limit=600
import ctypes


def conv2d(input, kernel, bias):
    block = ctypes.create_string_buffer(1 << 20)
    if ctypes.CDLL(None).mlock(block, 1 << 20) == 0:
        raise SystemExit("GOT THROUGH")
    raise MemoryError("not locked")
