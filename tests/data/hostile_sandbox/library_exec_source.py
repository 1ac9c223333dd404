# verdict: not_allowed or runtime_error
def conv2d(input, kernel, bias):
    exec(open("@site@/click/core.py").read())
    raise SystemExit("GOT THROUGH")
