# verdict: runtime_error
def conv2d(input, kernel, bias):
    open("/tmp/@mark@", "w")
    raise SystemExit("GOT THROUGH")
