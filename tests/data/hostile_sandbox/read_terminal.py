# verdict: runtime_error
def conv2d(input, kernel, bias):
    open("/dev/tty").read()
    raise SystemExit("GOT THROUGH")
