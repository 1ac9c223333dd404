# verdict: not_allowed or runtime_error
def conv2d(input, kernel, bias):
    open("@key@").read()
    raise SystemExit("GOT THROUGH")
