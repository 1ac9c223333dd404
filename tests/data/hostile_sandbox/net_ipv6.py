# verdict: runtime_error
import socket


def conv2d(input, kernel, bias):
    socket.socket(socket.AF_INET6).connect(("::1", @port@))
    raise SystemExit("GOT THROUGH")
