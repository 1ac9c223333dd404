# verdict: runtime_error
import socket


def conv2d(input, kernel, bias):
    socket.socket(fileno=3).connect(("127.0.0.1", @port@))
    raise SystemExit("GOT THROUGH")
