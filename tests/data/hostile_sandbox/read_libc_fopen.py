# verdict: runtime_error
import ctypes

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long


def conv2d(input, kernel, bias):
    LIBC.fopen.restype = ctypes.c_void_p
    result = 0 if ctypes.c_void_p(LIBC.fopen(b"@secret@", b"r")).value else -1
    number = ctypes.get_errno()
    if result >= 0 or number not in (1, 2, 13, 38):
        raise SystemExit(f"GOT THROUGH {result} {number}")
    raise PermissionError(number)
