# verdict: runtime_error
import socket


def conv2d(input, kernel, bias):
    socket.create_connection(("127.0.0.1", @port@), 1)
    raise SystemExit("GOT THROUGH")
