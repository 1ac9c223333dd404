# verdict: runtime_error
import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long


def conv2d(input, kernel, bias):
    result = LIBC.syscall(240 if os.uname().machine == "x86_64" else 180, b"mark", 0o102, 0o666, None)
    number = ctypes.get_errno()
    if result >= 0 or number not in (1, 13, 38):
        raise SystemExit(f"GOT THROUGH {result} {number}")
    raise PermissionError(number)
