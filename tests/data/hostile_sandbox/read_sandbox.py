# verdict: not_allowed or runtime_error
def conv2d(input, kernel, bias):
    open("@grader@/sandbox/child.py").read()
    raise SystemExit("GOT THROUGH")
