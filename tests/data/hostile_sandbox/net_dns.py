# verdict: runtime_error
import socket


def conv2d(input, kernel, bias):
    socket.getaddrinfo("example.org", 80)
    raise SystemExit("GOT THROUGH")
