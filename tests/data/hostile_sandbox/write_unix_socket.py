# verdict: runtime_error
import socket


def conv2d(input, kernel, bias):
    socket.socket(socket.AF_UNIX).bind("@folder@/socket")
    raise SystemExit("GOT THROUGH")
