# verdict: runtime_error
import socket


def conv2d(input, kernel, bias):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", @port@))
    raise SystemExit("GOT THROUGH")
