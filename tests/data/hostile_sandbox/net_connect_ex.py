# verdict: runtime_error
import socket


def conv2d(input, kernel, bias):
    socket.socket().connect_ex(("127.0.0.1", @port@))
    raise SystemExit("GOT THROUGH")
